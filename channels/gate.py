"""What the gateway answers itself, without the dialogue: opting out, codes that link channels, files, lost messages.

Each answer is words from words.yml and the writes that go with it, in the same transaction as any other turn.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from bot import conversations, deliveries
from bot.aliases import LinkCode, add_link_code, mark_stopped, take_link_code
from bot.buttons import find_token
from bot.cases import notice_chats, staff_queries
from bot.clock import Clock
from bot.conversations import Message
from bot.inbound import Waiting
from bot.languages import ANSWER_LANGUAGES, parse_answer_language
from bot.linking import link
from bot.messages import Button, OutboundMessage
from bot.secrets import REFERENCE_ALPHABET, AddressBook
from bot.settings import Settings
from bot.store.base import Rows
from bot.store.database import Database, SessionWrite
from bot.words import load_words
from channels.commands import CHANNELS_ROOT, DESK_CODE
from knowledge.library import Library
from knowledge.reception import terms_of

WORDS = CHANNELS_ROOT / "words.yml"

#: What is said to somebody who sends something that the bot cannot take in, by kind.
_NOT_TAKEN_IN = {"voice": "voice_not_heard", "photo": "photo_not_seen", "document": "document_not_read"}

#: Kinds that can be kept for an agent.
KEPT_KINDS = frozenset(_NOT_TAKEN_IN)


@dataclass(frozen=True)
class GateAnswer:
    """What the gateway says, and what it writes before and after the message counts as answered."""

    messages: Sequence[OutboundMessage] = ()
    writes: Sequence[SessionWrite] = ()
    afterwards: Sequence[SessionWrite] = ()
    #: The person whom this one has become.
    person_id: str = ""
    #: Whether a form of the dialogue that is under way ends.
    stops_dialogue: bool = field(default=False)


class Gate:
    """The gateway's own answers."""

    def __init__(self, settings: Settings, database: Database, book: AddressBook, library: Library, now: Clock) -> None:
        self._settings = settings
        self._library = library
        self._database = database
        self._book = book
        self._now = now

    def answer(self, message: Waiting) -> GateAnswer | None:
        """The gateway's answer to a message, or None if the message is for the dialogue or the desk."""
        kind, _, detail = message.problem.partition(":")
        if kind == "media":
            return GateAnswer([self._not_taken_in(message, detail)])
        if message.problem == "no_such_choice":
            return GateAnswer([self.say("no_such_choice", message.language)])
        name, _, detail = message.payload.removeprefix("gate:").partition(":")
        if not message.payload.startswith("gate:"):
            return None
        answers = {
            "stop": self._stop,
            "open": self._open,
            "link": self._link,
            "join": self._join,
            "repeat": self._repeat,
            "desk": self._desk,
        }
        return answers[name](message, detail) if name in answers else GateAnswer()

    def after_caption(self, message: Waiting, language: str) -> list[OutboundMessage]:
        """What is said of a file whose caption has been answered, in the language of the answer."""
        kind, _, detail = message.problem.partition(":")
        message = replace(message, language=language or message.language)
        return [self._not_taken_in(message, detail)] if kind == "caption" and message.owner == "bot" else []

    def first_contact(self, rows: Rows, message: Waiting, language: str) -> list[OutboundMessage]:
        """Who this is, the way to a human and out: told once, in the first answer on a channel that is sent to."""
        if message.channel in deliveries.PULLED_CHANNELS:
            return []
        if conversations.was_told(rows, message.person_id, message.channel):
            return []
        chosen = self.language_of(language or message.language)
        words = load_words(WORDS, chosen)
        operator = self._settings.operator_name
        service = words.format("service_of", operator=operator) if operator else words["service"]
        provider = words.get(f"provider_{message.channel}", message.channel)
        text = words.format("first_contact", service=service, provider=provider)
        return [OutboundMessage(text, language=chosen)]

    def say(
        self, key: str, language: str, *, buttons: Sequence[tuple[str, str]] = (), **values: Any
    ) -> OutboundMessage:
        """Words of the gateway in a person's language; in all three while it is not known."""
        known = parse_answer_language(language)
        chosen = known or self.language_of(language)
        texts = [load_words(WORDS, name).format(key, **values) for name in ([known] if known else ANSWER_LANGUAGES)]
        words = load_words(WORDS, chosen)
        return OutboundMessage(
            "\n\n".join(texts),
            tuple(Button(words[title], payload) for title, payload in buttons),
            language=chosen,
            notice=key,
        )

    def language_of(self, language: str) -> str:
        """A language that can be answered in."""
        return parse_answer_language(language) or self._settings.default_language

    def may_be_lost(self, message: Message, language: str) -> OutboundMessage:
        """The offer to show a message again that may not have arrived."""
        return self.say("may_be_lost", language, buttons=[("show_again", f"gate:repeat:{message.id}")])

    def _not_taken_in(self, message: Waiting, kind: str) -> OutboundMessage:
        if message.owner == "desk":
            return self.say("file_wrong_type", message.language)
        key = _NOT_TAKEN_IN.get(kind, "other_not_understood")
        return self.say(key, message.language, buttons=[("person", "/ask_person")])

    def _stop(self, message: Waiting, _: str) -> GateAnswer:
        def stop(session: Session) -> None:
            mark_stopped(session, message.person_id, message.channel, self._now())
            deliveries.park_waiting(session, message.person_id, message.channel, failure="stopped")
            self._leave_cells(session, message)

        return GateAnswer([self.say("stopped", message.language)], [stop], stops_dialogue=True)

    def _leave_cells(self, session: Session, message: Waiting) -> None:
        """An officer who does not want to be written to is no longer told of their cell's cases here."""
        for chat in notice_chats.leave(session, message.person_id, message.channel):
            agent = staff_queries.get_agent(session, chat.agent_id)
            staff_queries.add_audit(
                session, agent, "chat_left", now=self._now(), subject=chat.cell_id, channel=chat.channel
            )

    def _desk(self, message: Waiting, letters: str) -> GateAnswer:
        """A lead's code: from now their cell is told of its cases in this chat."""
        now = self._now()
        with self._database.read() as session:
            tries = notice_chats.count_tries(
                session, message.person_id, prefix=DESK_CODE, since=now - timedelta(hours=1)
            )
            found = notice_chats.find_code(session, self._book, code=letters, now=now)
        cell = self._library.cells.get(found[0].cell_id) if found else None
        if found is None or cell is None or tries > notice_chats.MOST_TRIES:
            return GateAnswer([self.say("desk_code_not_good", message.language)])

        def enter(session: Session) -> None:
            code = notice_chats.find_code(session, self._book, code=letters, now=now)
            if code is not None:
                chat = notice_chats.enter(session, *code, person_id=message.person_id, channel=message.channel, now=now)
                staff_queries.add_audit(
                    session, code[1], "chat_entered", now=now, subject=chat.cell_id, channel=chat.channel
                )

        language = self.language_of(found[1].language)
        return GateAnswer([self.say("desk_chat_entered", language, cell=cell.name[language])], afterwards=[enter])

    def _open(self, message: Waiting, detail: str) -> GateAnswer:
        # What was waiting has been let go when the message came in.
        return GateAnswer() if detail == "released" else GateAnswer([self.say("nothing_waits", message.language)])

    def _link(self, message: Waiting, _: str) -> GateAnswer:
        letters = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(8))
        remember = partial(add_link_code, book=self._book, person_id=message.person_id, code=letters, now=self._now())
        text = self.say("link_code", message.language, code=f"{letters[:4]}-{letters[4:]}")
        return GateAnswer([text], [remember])

    def _join(self, message: Waiting, code: str) -> GateAnswer:
        with self._database.read() as session:
            row = session.get(LinkCode, self._book.fingerprint("link", code))
            other = row.person_id if row is not None and self._now() < row.expires_at else ""
        if not other or other == message.person_id:
            return GateAnswer([self.say("code_not_good", message.language)])

        def join(session: Session) -> None:
            if take_link_code(session, self._book, code=code, now=self._now()) == other:
                now = self._now()
                terms = terms_of(session, self._library, self._settings, now)
                link(session, old=message.person_id, new=other, now=now, terms_of=terms)

        return GateAnswer([self.say("linked", message.language)], afterwards=[join], person_id=other)

    def _repeat(self, message: Waiting, message_id: str) -> GateAnswer:
        with self._database.read() as session:
            row = session.get(Message, int(message_id))
            if row is None or row.person_id != message.person_id or row.direction != "out":
                return GateAnswer([self.say("nothing_waits", message.language)])
            tokens = [
                (button["title"], find_token(session, token=button["token"], person_id=row.person_id))
                for button in row.buttons
            ]
        buttons = tuple(replace(button, title=title) for title, button in tokens if button is not None)
        return GateAnswer([OutboundMessage(row.text, buttons, row.asks_place, row.language)])
