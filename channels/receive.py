"""The seam in: a message is stored before it is acknowledged, then answered in order, once.

``accept`` writes the message and starts a durable workflow. The workflow drains the person's unanswered messages, the
oldest first: whatever order workflows start in, and after any crash, each message is answered once.
"""

import asyncio
import json
import logging
from dataclasses import dataclass, field, replace

from prometheus_client import Counter, Histogram
from sqlalchemy import Connection

from bot import conversations, deliveries, files, inbound
from bot.aliases import Sender, find_person_at, get_or_add_person, mark_stopped
from bot.clock import Clock, utc_now
from bot.inbound import Waiting
from bot.languages import DEFAULT_LANGUAGE, parse_answer_language
from bot.messages import InboundMessage, OutboundMessage, pack
from bot.secrets import AddressBook
from bot.settings import Settings
from bot.store.base import Rows
from bot.store.database import Database, Write, in_session
from bot.turn import Turn, TurnTaker
from channels.channel import Channel
from channels.choices import place_buttons
from channels.gate import KEPT_KINDS, Gate, GateAnswer
from channels.handoff import Handoff
from channels.reading import Reader, Reading
from channels.tasks import PersonLocks, intake
from knowledge.library import Library

log = logging.getLogger(__name__)

MESSAGES_ACCEPTED = Counter("dalil_messages_accepted", "Messages accepted, duplicates not counted", ["channel"])
TURN_SECONDS = Histogram(
    "dalil_turn_seconds", "Time of one turn", buckets=(0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.5, 2)
)
TURNS = Counter("dalil_turns", "Turns by what became of them", ["outcome"])


#: Before the words of a message that was edited after it had been answered.
_EDITED = "✏️ "

#: Turns that run at the same time. A turn waits for nothing but the processor: two at once are no faster, and what waits
#: behind them is a webhook.
_TURNS_AT_ONCE = 1


class _AnsweredElsewhere(Exception):
    """Another process has committed this turn first, or the desk has taken the conversation; ours is thrown away."""


@dataclass(frozen=True)
class _Answered:
    """Whom the person has become, if anybody; and their next message that waits."""

    become: str
    following: Waiting | None


@dataclass
class Receiver:
    """Accepts messages and answers them. One a process."""

    settings: Settings
    database: Database
    assistant: TurnTaker
    library: Library
    now: Clock = utc_now
    channels: dict[str, Channel] = field(default_factory=dict)
    _locks: PersonLocks = field(default_factory=PersonLocks)

    def __post_init__(self) -> None:
        self.book = AddressBook(self.settings.resolved_secret_key)
        self.gate = Gate(self.settings, self.database, self.book, self.library, self.now)
        self._reader = Reader(self.settings, self.library)
        self._turns = asyncio.Semaphore(_TURNS_AT_ONCE)
        self._handoff = Handoff(self.settings, self.database, self.library, self.assistant, self.now)

    def store(self, message: InboundMessage) -> tuple[str, bool]:
        """Store a message durably. Returns the person, and whether it is new (a redelivery is not)."""
        with self.database.transact() as rows:
            known = inbound.find_sender(rows, channel=message.channel, provider_id=message.provider_id)
            if known is not None:
                return known or self._sender_of_deleted(rows, message), False
            sender = get_or_add_person(
                rows,
                self.book,
                channel=message.channel,
                address=message.address,
                also=message.also_known_as,
                now=self.now(),
            )
            reading = self._let_go(rows, message, sender, self._reader.read(rows, message, sender))
            told = parse_answer_language(message.language_hint) or reading.language
            if told and not sender.language:
                conversations.set_person(rows, sender.id, language=told)
            if message.is_edit and self._is_settled_edit(rows, message, sender, reading):
                return sender.id, False
            self._add(rows, message, sender, reading)
        MESSAGES_ACCEPTED.labels(message.channel).inc()
        return sender.id, True

    def _sender_of_deleted(self, rows: Rows, message: InboundMessage) -> str:
        return find_person_at(rows, self.book, channel=message.channel, address=message.address) or ""

    def _let_go(self, rows: Rows, message: InboundMessage, sender: Sender, reading: Reading) -> Reading:
        """Who writes may be written to: what was kept back is sent, unless they write to be left alone."""
        if message.channel in deliveries.PULLED_CHANNELS or reading.payload == "gate:stop":
            return reading
        mark_stopped(rows, sender.id, message.channel, None)
        released = deliveries.release(rows, sender.id, message.channel, self.now())
        is_only_to_open = reading.payload == "gate:open" and released
        return replace(reading, payload="gate:open:released") if is_only_to_open else reading

    @staticmethod
    def _is_settled_edit(rows: Rows, message: InboundMessage, sender: Sender, reading: Reading) -> bool:
        """Whether an edit needs no answer of its own: nothing has changed, or its first form has not been answered yet."""
        earlier = inbound.find_edited(rows, sender.id, channel=message.channel, sequence=message.sequence)
        if earlier is None:
            return False
        if earlier.text.removeprefix(_EDITED) == reading.text and earlier.payload == reading.payload:
            return True
        if earlier.answered_at is not None:
            return False
        inbound.reword(rows, earlier.id, text=reading.text, payload=reading.payload, problem=reading.problem)
        return True

    def _add(self, rows: Rows, message: InboundMessage, sender: Sender, reading: Reading) -> None:
        now = self.now()
        message_id = inbound.add(
            rows,
            person_id=sender.id,
            channel=message.channel,
            provider_id=message.provider_id,
            text=f"{_EDITED}{reading.text}" if message.is_edit and not reading.payload else reading.text,
            payload=reading.payload,
            problem=reading.problem,
            sent_at=message.sent_at,
            sequence=message.sequence,
            created_at=now,
        )
        for media in message.media:
            if media.kind in KEPT_KINDS and media.reference:
                files.ask_for(
                    rows,
                    self.book,
                    message_id=message_id,
                    person_id=sender.id,
                    channel=message.channel,
                    kind=media.kind,
                    reference=media.reference,
                    size=media.size,
                    now=now,
                )

    async def answer_waiting(self, person_id: str) -> str:
        """Answer every unanswered message of a person, oldest first; returns the person, who may have become another."""
        become = ""
        async with self._locks.hold(person_id):
            message = self._next(person_id)
            while message is not None:
                if await self._handoff.takes(message):
                    message = self._next(person_id)
                    continue
                async with self._turns:
                    await intake().give_way()
                    answered = await self._answer(message)
                become, message = answered.become or become, answered.following
        return await self.answer_waiting(become) if become and become != person_id else person_id

    def is_busy(self, person_id: str) -> bool:
        """Whether a person is being answered, or is about to be."""
        return self._locks.is_held(person_id)

    def _next(self, person_id: str) -> Waiting | None:
        with self.database.look() as rows:
            return inbound.find_unanswered(rows, person_id)

    async def _answer(self, message: Waiting) -> "_Answered":
        with TURN_SECONDS.time(), self.database.turn() as writes:
            gated = self.gate.answer(message)
            turn, failed = await self._gated_turn(message, gated) if gated else await self._turn(message)
            effects: list[Write] = [] if failed else writes
            if gated:
                effects = [*effects, *map(in_session, gated.writes)]

            def finish(rows: Connection) -> Waiting | None:
                self._finish(rows, message, turn)
                for write in gated.afterwards if gated else ():
                    in_session(write)(rows)
                # What comes in after this is looked for by whoever took it in.
                return inbound.find_unanswered(rows, message.person_id)

            try:
                following = self.database.commit_turn(
                    [lambda rows: self._must_be_ours(rows, message), *effects], finish
                )
            except _AnsweredElsewhere:
                return _Answered("", self._next(message.person_id))
        outcome = "gate" if gated else str(turn.slots.get("outcome") or "other")
        TURNS.labels("failed" if failed else outcome).inc()
        return _Answered(gated.person_id if gated else "", following)

    async def _gated_turn(self, message: Waiting, gated: GateAnswer) -> tuple[Turn, bool]:
        """An answer of the gateway; a form that is under way in the dialogue ends in silence if it has to."""
        if gated.stops_dialogue:
            await self._turn(replace(message, payload="/cancel"))
        return Turn(list(gated.messages)), False

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
        if known is None:
            return pack(messages, limit=self.settings.max_message_length)
        return pack(messages, limit=known.limits.text, count=known.limits.count)

    def _with_places(self, messages: list[OutboundMessage], message: Waiting) -> list[OutboundMessage]:
        """Communes to choose from where a place is asked for; the page has a list of its own."""
        if message.channel in deliveries.PULLED_CHANNELS:
            return messages
        return [
            replace(said, buttons=place_buttons(self.library, self.gate.language_of(said.language)))
            if said.asks_place and not said.buttons
            else said
            for said in messages
        ]

    def _must_be_ours(self, rows: Rows, message: Waiting) -> None:
        """The bot does not speak where the desk has taken over while it was thinking."""
        owner = conversations.lock_person(rows, message.person_id)
        if owner is None or (message.owner == "bot" and owner == "desk"):
            raise _AnsweredElsewhere

    def _finish(self, rows: Rows, message: Waiting, turn: Turn) -> None:
        now = self.now()
        outcome = str(turn.slots.get("outcome") or "other")
        if not inbound.mark_answered(rows, message.id, now, outcome) and inbound.has_message(rows, message.id):
            # Answered by another process; a message that the turn itself has deleted is another matter.
            raise _AnsweredElsewhere
        if turn.language and turn.language != message.language:
            conversations.set_person(rows, message.person_id, language=turn.language)
        if message.owner != "desk" and message.has_files:
            files.leave(rows, message.id)
        said = [*self._with_places(turn.messages, message), *self.gate.after_caption(message, turn.language)]
        if turn.messages:
            said += self.gate.first_contact(rows, message, turn.language)
        for answer in self._packed(said, message.channel):
            conversations.add_outbound(
                rows, answer, person_id=message.person_id, channel=message.channel, author="bot", now=now
            )


def _said(message: Waiting) -> str:
    """What Rasa is told: the words, our own command, or our own report of a problem."""
    if message.problem and not message.problem.startswith("caption:"):
        return f"/report_problem{json.dumps({'problem': message.problem})}"
    return message.payload or message.text.removeprefix(_EDITED)
