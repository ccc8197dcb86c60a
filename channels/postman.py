"""Sends what stands in the database, each message once, in order, and keeps what has become of it.

A send is claimed in one transaction and settled in another. Between the two it may have arrived or not; what is found
there after a crash or a time-out is *uncertain* and never simply sent again. A channel that can be asked is asked; on the
others the person is offered to see the message again. Whatever has to wait (a pause, a retry) waits in the database.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from prometheus_client import Counter
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot import conversations, deliveries
from bot.aliases import find_alias, mark_reachable
from bot.clock import Clock
from bot.conversations import Message
from bot.deliveries import Delivery, Receipt
from bot.secrets import AddressBook
from bot.store.database import Database
from bot.window import window_of
from channels.channel import Channel, LooksUp, Paced, SendFailed
from channels.gate import Gate
from channels.ledger import ALWAYS_SENT, LOOK_AFTER, NOT_SENT, OFFER_AFTER, Ledger
from channels.tasks import PersonLocks, in_background, intake

log = logging.getLogger(__name__)

SENT = Counter("dalil_messages_sent", "Messages handed to a provider", ["channel"])

#: How long a claimed send may take before it counts as broken off; longer than every time-out of a client together.
LEASE = timedelta(seconds=90)
#: How long sending is tried.
GIVE_UP_AFTER = timedelta(days=1)

_SWEEP_SECONDS = 1.0
_STOP_SECONDS, _STOP_LOOKS = 15.0, 150


@dataclass(frozen=True)
class _Item:
    """One message to hand over, with what that needs."""

    message: Message
    delivery: Delivery
    address: str
    held_back: str


@dataclass
class Postman:
    """Hands messages over. One a process; ``chance`` is for the spread of pauses."""

    database: Database
    book: AddressBook
    gate: Gate
    channels: dict[str, Channel]
    now: Clock
    sleep: Callable[[float], "asyncio.Future[None]"] = asyncio.sleep  # type: ignore[assignment]
    sole_process: bool = True
    _locks: PersonLocks = field(default_factory=PersonLocks)
    _sweeping: "asyncio.Task[None] | None" = None
    _sending: int = 0
    _is_stopping: bool = False

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.gate, self.channels, self.now)

    def start(self) -> None:
        """Take up what was left, and look every second for what has become due."""
        if self.sole_process:
            with self.database.write() as session:
                broken = deliveries.break_off(session, self.now())
            log.info("sends_broken_off=%s", broken)
        self._sweeping = in_background(self._sweep())

    async def stop(self) -> None:
        """Begin no more sends, and let those under way end, so that an ordinary stop leaves nothing doubtful."""
        self._is_stopping = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        for _ in range(_STOP_LOOKS):
            if not self._sending:
                return
            await asyncio.sleep(_STOP_SECONDS / _STOP_LOOKS)

    async def deliver(self, person_id: str) -> None:
        """Hand over everything that is due for a person, in order, on each channel."""
        async with self._locks.hold(person_id):
            for name in self._due_channels(person_id):
                while await self._hand_over_next(person_id, self.channels[name]):
                    pass

    def take_receipt(self, receipt: Receipt) -> None:
        """Note what a provider says of a message."""
        with self.database.write() as session:
            self.ledger.note(session, receipt)

    def change_reach(self, session: Session, person_id: str, channel: str, *, is_reachable: bool) -> None:
        """A person has blocked us, or no longer does."""
        mark_reachable(session, person_id, channel, is_reachable=is_reachable)
        if is_reachable:
            deliveries.release(session, person_id, channel, self.now())
        else:
            deliveries.park_waiting(session, person_id, channel, failure="blocked")

    async def _sweep(self) -> None:
        while True:
            try:
                with self.database.read() as session:
                    due = deliveries.list_people_due(session, self.now(), channels=sorted(self.channels))
                for person_id in due:
                    if not self._locks.is_held(person_id):
                        in_background(self.deliver(person_id))
            except SQLAlchemyError:
                log.exception("sweep_failed")  # tried again at the next round
            await asyncio.sleep(_SWEEP_SECONDS)

    def _due_channels(self, person_id: str) -> list[str]:
        with self.database.read() as session:
            due = deliveries.list_due_channels(session, person_id, self.now())
        return [name for name in due if name in self.channels]

    async def _hand_over_next(self, person_id: str, channel: Channel) -> bool:
        """Take the next step for a person on a channel; False if there is nothing more to do now."""
        await intake().give_way()
        item = self._next(person_id, channel)
        if item is None:
            return False
        delivery = item.delivery
        if delivery.state == "sending":
            self._doubt(item, channel)
        elif delivery.state == "uncertain":
            await self._resolve(item, channel)
        elif item.held_back and item.message.payload not in ALWAYS_SENT:
            self._park(item, channel)
        elif self.now() - delivery.queued_at > GIVE_UP_AFTER:
            self._settle(delivery, state="failed", failure="gave_up", expected=("waiting",))
        else:
            return await self._send(item, channel)
        return True

    def _next(self, person_id: str, channel: Channel) -> _Item | None:
        now = self.now()
        with self.database.read() as session:
            states = (*deliveries.UNSETTLED, "uncertain") if isinstance(channel, LooksUp) else deliveries.UNSETTLED
            head = deliveries.find_head(session, person_id, channel.name, states)
            if head is None:
                # What is doubtful holds nothing up where it cannot be looked up: it waits for its offer.
                head = deliveries.find_head(session, person_id, channel.name, ("uncertain",), due_by=now)
            if head is None or head.next_try_at > now:
                return None
            alias = find_alias(session, person_id, channel.name)
            message = session.get(Message, head.message_id)
            if message is None:
                return None
            held_back = "no_address" if alias is None else "blocked" if not alias.is_reachable else ""
            if alias is not None and alias.stopped_at is not None:
                held_back = "stopped"
            if not held_back and not window_of(session, person_id, channel.name).is_open(now):
                held_back = "window"
            try:
                address = self.book.unseal(alias.sealed_address) if alias else ""
            except InvalidToken:
                address, held_back = "", "no_address"  # sealed with an earlier secret key
            return _Item(message, head, address, held_back)

    async def _send(self, item: _Item, channel: Channel) -> bool:
        """Send the next part of a message; False if somebody else has it or it has to wait."""
        requests = channel.render(item.message)
        part = item.delivery.parts_sent
        if isinstance(channel, Paced) and (pause := channel.pause(item.address)) > 0:
            await self.sleep(pause)
        await intake().give_way()
        if self._is_stopping:
            return False
        with self.database.write() as session:
            if not deliveries.claim(session, item.message.id, now=self.now(), lease=LEASE):
                return False
        self._sending += 1
        try:
            provider_id = await channel.send(item.address, requests[part])
        except SendFailed as failure:
            NOT_SENT.labels(channel.name, failure.outcome).inc()
            with self.database.write() as session:
                row = session.get(Delivery, item.message.id)
                if row is not None and row.state == "sending":
                    self.ledger.fail(session, row, failure, item.message.payload)
            return failure.outcome not in ("retry", "slow_down")
        finally:
            self._sending -= 1
        SENT.labels(channel.name).inc()
        self._settle_part(item.delivery, part, len(requests), provider_id)
        return True

    def _settle_part(self, delivery: Delivery, part: int, parts: int, provider_id: str) -> None:
        is_last = part + 1 >= parts
        self._settle(
            delivery,
            state="sent" if is_last else "waiting",
            parts_sent=part + 1,
            provider_id=provider_id or None,
            failure="",
            next_try_at=self.now(),
        )
        if is_last and (early := self.ledger.early.pop(delivery.message_id, None)):
            self.take_receipt(early)

    def _park(self, item: _Item, channel: Channel) -> None:
        """Keep a message back until its person writes."""
        with self.database.write() as session:
            row = session.get(Delivery, item.message.id)
            if row is not None and row.state == "waiting":
                row.state, row.failure = "parked", item.held_back
                if item.held_back == "window":
                    self.ledger.remind(session, row)

    def _doubt(self, item: _Item, channel: Channel) -> None:
        """A send that was broken off: it may have arrived."""
        self._settle(
            item.delivery,
            state="uncertain",
            failure="broken_off",
            next_try_at=self.now() + (timedelta(0) if isinstance(channel, LooksUp) else OFFER_AFTER),
        )

    async def _resolve(self, item: _Item, channel: Channel) -> None:
        """Find out about a doubtful message, or offer to show it again."""
        if isinstance(channel, LooksUp):
            await self._look_up(item, channel)
        else:
            self._offer(item, channel)

    async def _look_up(self, item: _Item, channel: LooksUp) -> None:
        """Ask the provider. Found: it was sent. Not found for long enough: it was not, and is sent."""
        delivery, name = item.delivery, item.delivery.channel
        since = delivery.attempted_at or delivery.queued_at
        with self.database.read() as session:
            known = deliveries.known_provider_ids(session, delivery.person_id, name)
        try:
            found = await channel.find_sent(item.address, since=since, known=known)
        except SendFailed:
            self._settle(
                delivery, next_try_at=self.now() + self.ledger.pause(delivery.attempts, 0.0), expected=("uncertain",)
            )
            return
        if found:
            with self.database.write() as session:
                row = session.get(Delivery, delivery.message_id)
                if row is not None and row.state == "uncertain":
                    self.ledger.settle_found(session, row, found)
            return
        waited = self.now() - since
        later = next((moment for moment in LOOK_AFTER if moment > waited), None)
        if later is None:
            self._settle(delivery, state="waiting", next_try_at=self.now(), expected=("uncertain",))
        else:
            self._settle(delivery, next_try_at=since + later, expected=("uncertain",))

    def _offer(self, item: _Item, channel: Channel) -> None:
        """Go on with the rest of a message whose part is doubtful; at its end offer to show it again."""
        delivery = item.delivery
        parts, done = len(channel.render(item.message)), delivery.parts_sent + 1
        with self.database.write() as session:
            row = session.get(Delivery, delivery.message_id)
            if row is None or row.state != "uncertain":
                return
            if done < parts:
                row.state, row.parts_sent, row.next_try_at = "waiting", done, self.now()
                return
            row.parts_sent, row.next_try_at = parts, datetime.max.replace(tzinfo=self.now().tzinfo)
            if item.held_back or item.message.payload:
                return  # a notice of ours that was lost is not worth another
            conversations.add_outbound(
                session,
                self.gate.may_be_lost(item.message, item.message.language),
                person_id=delivery.person_id,
                channel=delivery.channel,
                author="bot",
                now=self.now(),
            )

    def _settle(self, delivery: Delivery, *, expected: tuple[str, ...] = ("sending",), **values: object) -> None:
        with self.database.write() as session:
            deliveries.settle(session, delivery.message_id, expected=expected, **values)
