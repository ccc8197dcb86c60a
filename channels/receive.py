"""The seam in: a message is stored before it is acknowledged, then answered in order, once.

``accept`` writes the message and starts a durable workflow. The workflow drains the person's unanswered messages, the
oldest first: whatever order workflows start in, and after any crash, each message is answered once.
"""

import asyncio
import json
import logging
from collections import defaultdict
from dataclasses import dataclass, field

from prometheus_client import Counter, Histogram
from sqlalchemy.orm import Session

from bot import conversations
from bot.assistant import Assistant, Turn
from bot.clock import Clock, utc_now
from bot.conversations import Message, Person, Waiting
from bot.languages import DEFAULT_LANGUAGE, parse_answer_language
from bot.messages import InboundMessage, OutboundMessage, pack
from bot.redact import redact
from bot.secrets import AddressBook
from bot.settings import Settings
from bot.store.database import Database
from bot.window import release_parked
from channels.channel import Channel
from channels.handoff import Handoff
from knowledge.library import Library
from knowledge.model import Place
from knowledge.places import nearest_place
from nlu.text import clean, has_letters

log = logging.getLogger(__name__)

MESSAGES_ACCEPTED = Counter("dalil_messages_accepted", "Messages accepted, duplicates not counted", ["channel"])
TURN_SECONDS = Histogram(
    "dalil_turn_seconds", "Time of one turn", buckets=(0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.5, 2)
)
TURNS = Counter("dalil_turns", "Turns by what became of them", ["outcome"])


class _AnsweredElsewhere(Exception):
    """Another process has committed this turn first, or the desk has taken the conversation; ours is thrown away."""


@dataclass
class Receiver:
    """Accepts messages and answers them. One a process."""

    settings: Settings
    database: Database
    assistant: Assistant
    library: Library
    now: Clock = utc_now
    channels: dict[str, Channel] = field(default_factory=dict)
    _locks: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    def __post_init__(self) -> None:
        self._book = AddressBook(self.settings.resolved_secret_key)
        self._handoff = Handoff(self.settings, self.database, self.library, self.assistant, self.now)

    def store(self, message: InboundMessage) -> tuple[str, bool]:
        """Store a message durably. Returns the person, and whether it is new (a redelivery is not)."""
        with self.database.write() as session:
            known = conversations.find_inbound(session, channel=message.channel, provider_id=message.provider_id)
            if known is not None:
                return known.person_id, False
            person = conversations.get_or_add_person(
                session, self._book, channel=message.channel, address=message.address, now=self.now()
            )
            if message.language_hint and not person.language:
                person.language = parse_answer_language(message.language_hint) or ""
            session.add(self._row(session, message, person))
            release_parked(session, person.id)
            person_id = person.id
        MESSAGES_ACCEPTED.labels(message.channel).inc()
        return person_id, True

    def _row(self, session: Session, message: InboundMessage, person: Person) -> Message:
        text, payload, problem = self._read(session, message, person.id)
        return Message(
            person_id=person.id,
            channel=message.channel,
            direction="in",
            author="person",
            provider_id=message.provider_id,
            text=text,
            payload=payload,
            problem=problem,
            created_at=self.now(),
        )

    def _read(self, session: Session, message: InboundMessage, person_id: str) -> tuple[str, str, str]:
        """What a message says: its words (redacted), or a command of ours, or a problem. A pin becomes a commune here."""
        if message.token:
            button = conversations.find_token(session, token=message.token, person_id=person_id)
            return (button.title, button.payload, "") if button else ("", "", "unknown_button")
        if message.coordinates is not None or message.place_id:
            place = self._place(message)
            return (f"📍 {place.name['fr']}", place_payload(place.id), "") if place else ("📍", "", "unknown_place")
        if len(message.text) > self.settings.max_message_length:
            return "", "", "too_long"
        # A person's own "/" never reaches Rasa as a command.
        text = clean(message.text).lstrip("/ ")
        return (redact(text), "", "") if has_letters(text) else (text[:50], "", "empty")

    def _place(self, message: InboundMessage) -> Place | None:
        if message.coordinates is None:
            return self.library.places.get(message.place_id)
        return nearest_place(
            self.library.places.values(),
            latitude=message.coordinates.latitude,
            longitude=message.coordinates.longitude,
        )

    async def answer_waiting(self, person_id: str) -> None:
        """Answer every unanswered message of a person, oldest first."""
        async with self._locks[person_id]:
            while (message := self._next(person_id)) is not None:
                if await self._handoff.takes(message):
                    continue
                await self._answer(message)
        if not self._locks[person_id].locked():
            self._locks.pop(person_id, None)

    def _next(self, person_id: str) -> Waiting | None:
        with self.database.read() as session:
            return conversations.find_unanswered(session, person_id)

    async def _answer(self, message: Waiting) -> None:
        with TURN_SECONDS.time(), self.database.turn() as writes:
            turn, failed = await self._turn(message)
            answers = self._packed(turn.messages, message.channel)
            try:
                self.database.commit_turn(
                    [lambda session: self._must_be_ours(session, message), *([] if failed else writes)],
                    lambda session: self._finish(session, message, turn, answers),
                )
            except _AnsweredElsewhere:
                return
        TURNS.labels("failed" if failed else str(turn.slots.get("outcome") or "other")).inc()

    async def _turn(self, message: Waiting) -> tuple[Turn, bool]:
        try:
            turn = await self.assistant.turn(
                message.person_id,
                _said(message),
                metadata={"channel": message.channel, "language_hint": message.language or None},
            )
        except Exception:
            # Whatever breaks, the person hears of it and the next message is answered.
            log.exception("turn_failed message=%s", message.id)
            return Turn([self._apology(message.language)]), True
        return (turn, False) if turn.messages else (Turn([self._apology(turn.language)]), False)

    def _apology(self, language: str) -> OutboundMessage:
        chosen = parse_answer_language(language) or parse_answer_language(self.settings.default_language)
        return self.assistant.say("utter_problem_failed", chosen or DEFAULT_LANGUAGE)

    def _packed(self, messages: list[OutboundMessage], channel: str) -> list[OutboundMessage]:
        known = self.channels.get(channel)
        return pack(messages, limit=known.text_limit if known else self.settings.max_message_length)

    def _must_be_ours(self, session: Session, message: Waiting) -> None:
        """The bot does not speak where the desk has taken over while it was thinking."""
        if not conversations.lock_person(session, message.person_id):
            raise _AnsweredElsewhere
        if message.owner == "bot" and conversations.owner_of(session, message.person_id) == "desk":
            raise _AnsweredElsewhere

    def _finish(self, session: Session, message: Waiting, turn: Turn, answers: list[OutboundMessage]) -> None:
        now = self.now()
        outcome = str(turn.slots.get("outcome") or "other")
        if (
            not conversations.mark_answered(session, message.id, now, outcome)
            and session.get(Message, message.id) is not None
        ):
            # Answered by another process; a message that the turn itself has deleted is another matter.
            raise _AnsweredElsewhere
        if turn.language and turn.language != message.language:
            conversations.set_person(session, message.person_id, language=turn.language)
        for answer in answers:
            conversations.add_outbound(
                session, answer, person_id=message.person_id, channel=message.channel, author="bot", now=now
            )


def place_payload(place_id: str) -> str:
    """The command that gives a place."""
    return f"/give_place{json.dumps({'place': place_id})}"


def _said(message: Waiting) -> str:
    """What Rasa is told: the words, our own command, or our own report of a problem."""
    if message.problem:
        return f"/report_problem{json.dumps({'problem': message.problem})}"
    return message.payload or message.text
