"""Between the seam in and the desk: which of a person's messages are a cell's, and when a closed case opens again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from prometheus_client import Counter

from bot import conversations, inbound
from bot.cases import cell_queries, lifecycle, repository, service, staff_queries
from bot.cases.model import Case
from bot.clock import MOROCCO, Clock
from bot.inbound import Waiting
from bot.languages import AnswerLanguage, parse_answer_language
from bot.messages import OutboundMessage
from bot.settings import Settings
from bot.store.database import Database
from channels.gate import KEPT_KINDS
from knowledge.library import Library
from knowledge.reception import terms_of

HANDED_TO_DESK = Counter("dalil_messages_to_desk", "Messages given to a cell", ["how"])

#: What the bot answers also while the desk owns a conversation: what people may ask of their data at any time.
_ALWAYS_ANSWERED = frozenset(("delete_me", "confirm_delete", "ask_my_data", "ask_privacy"))

#: What does not open a closed case again: it is nothing to an officer.
_NOT_FOR_AN_OFFICER = frozenset(
    ("greet", "goodbye", "thank", "affirm", "deny", "cancel", "change_language", "ask_help", "urgent")
)


class Understander(Protocol):
    """What is needed of the assistant."""

    async def understand(self, text: str) -> Mapping[str, Any]:
        """What a text is understood to be."""
        ...

    def say(self, response: str, language: AnswerLanguage, **values: object) -> OutboundMessage:
        """A response of the domain, outside any turn."""
        ...


@dataclass
class Handoff:
    """Gives messages to cells."""

    settings: Settings
    database: Database
    library: Library
    assistant: Understander
    now: Clock

    async def takes(self, message: Waiting) -> bool:
        """Whether this message needs no turn of the bot, or must be looked at again because its owner has changed."""
        if message.owner == "desk":
            return await self._is_for_desk_alone(message)
        return await self._reopens(message)

    async def _is_for_desk_alone(self, message: Waiting) -> bool:
        """Give a message to the desk, where the bot is silent, but for danger and for what a person asks of their data."""
        understood = await self._understand(message)
        danger = _danger(understood)
        bot_answers = bool(danger) or understood.get("intent") in _ALWAYS_ANSWERED or _is_gates(message)
        with self.database.write() as session:
            conversations.lock_person(session, message.person_id)
            case = repository.find_live_case(session, message.person_id, lock=True)
            if case is None:
                conversations.set_person(session, message.person_id, owner="bot")
                return False
            now = self.now()
            terms = terms_of(session, self.library, self.settings, now)
            service.receive_message(session, case, message.id, now=now, terms_of=terms)
            if danger:
                service.raise_urgency(session, case, danger, now=now, terms_of=terms)
            if not bot_answers:
                inbound.mark_answered(session, message.id, now)
        HANDED_TO_DESK.labels("live").inc()
        return not bot_answers

    async def _reopens(self, message: Waiting) -> bool:
        since = self.now() - timedelta(days=self.settings.reopen_days)
        if not self.settings.reopen_days or not message.has_closed_case or _has_no_words(message):
            return False
        with self.database.read() as session:
            if repository.find_last_closed(session, message.person_id, since=since) is None:
                return False
        if not _is_for_an_officer(message, await self._understand(message)):
            return False
        with self.database.write() as session:
            conversations.lock_person(session, message.person_id)
            case = repository.find_last_closed(session, message.person_id, since=since)
            if case is None or not self._reopen(session, case, message):
                return False
        HANDED_TO_DESK.labels("reopened").inc()
        return True

    def _reopen(self, session: Any, case: Case, message: Waiting) -> bool:
        now = self.now()
        owner = staff_queries.find_agent_by_id(session, case.agent_id) if case.agent_id else None
        is_there = (
            owner is not None
            and owner.is_active
            and owner.cell_id == case.cell_id
            and not cell_queries.is_absent(session, owner.id, now.astimezone(MOROCCO).date())
        )
        terms = terms_of(session, self.library, self.settings, now)
        opened = lifecycle.reopen(session, case, now=now, terms_of=terms, owner=case.agent_id if is_there else None)
        if opened:
            language = parse_answer_language(message.language) or parse_answer_language(case.language) or "fr"
            said = self.assistant.say("utter_case_reopened", language, reference=case.reference)
            service.tell(session, case, said, author="bot", now=now)
        return opened

    async def _understand(self, message: Waiting) -> Mapping[str, Any]:
        if message.payload or _has_no_words(message):
            return {"intent": message.payload.lstrip("/").split("{")[0]}
        return await self.assistant.understand(message.text)


def _is_gates(message: Waiting) -> bool:
    """Whether the gateway answers also while the desk owns: its own commands, and what cannot be kept for an agent."""
    kind, _, detail = message.problem.partition(":")
    return message.payload.startswith("gate:") or (kind == "media" and detail not in KEPT_KINDS)


def _has_no_words(message: Waiting) -> bool:
    """Whether a message is nothing that could be understood; a file with a caption has words."""
    return bool(message.problem) and not message.problem.startswith("caption:")


def _danger(understood: Mapping[str, Any]) -> str:
    return str(understood.get("urgent_type") or "") if understood.get("kind") == "urgent" else ""


def _is_for_an_officer(message: Waiting, understood: Mapping[str, Any]) -> bool:
    """Whether a message after closing goes back to the cell: a wish for a human, danger, or what the bot cannot answer."""
    intent = understood.get("intent")
    if intent == "ask_person" or _danger(understood):
        return True
    if message.payload or intent in _ALWAYS_ANSWERED | _NOT_FOR_AN_OFFICER:
        return False
    # What seems out of scope right after a case is most likely about the case.
    return intent == "out_of_scope" or understood.get("decision") in ("fallback", "choices")
