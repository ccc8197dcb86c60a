"""What has become of each message for a person on a channel that we send to: waiting, sent, read, failed, parked.

One row an outbound message. Every query on the table stands here; nothing here commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, String, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.store.base import Base, Rows, UtcDateTime
from bot.store.results import rows_changed

State = Literal["waiting", "sending", "sent", "delivered", "read", "failed", "parked", "uncertain"]

#: People on these fetch their messages themselves; to everybody else they are sent.
PULLED_CHANNELS = frozenset(("web", "terminal"))

#: Nothing later is sent to a person on a channel before these are settled: order is kept.
UNSETTLED: tuple[State, ...] = ("waiting", "sending")

#: Receipts come out of order: one that says less than is known already changes nothing.
_RANK: dict[str, int] = {"waiting": 0, "sending": 0, "parked": 0, "uncertain": 0, "sent": 1, "delivered": 2, "read": 3}


class Delivery(Base):
    """One message on its way since ``queued_at``. ``failure`` is a word of channels/failures.py, not the provider's."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_person", "person_id", "channel", "state", "message_id"),
        Index("ix_deliveries_due", "state", "next_try_at"),
    )

    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    parts_sent: Mapped[int] = mapped_column(default=0)
    provider_id: Mapped[str | None] = mapped_column(String(64), index=True)
    failure: Mapped[str] = mapped_column(String(30), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)


_deliveries = Base.metadata.tables["deliveries"]
_QUEUE = insert(_deliveries)


def queue(rows: Rows, message_id: int, *, person_id: str, channel: str, now: datetime) -> None:
    """Put a stored message on its way, if its channel is one that we send to."""
    if channel in PULLED_CHANNELS:
        return
    rows.execute(
        _QUEUE,
        {
            "message_id": message_id,
            "person_id": person_id,
            "channel": channel,
            "state": "waiting",
            "parts_sent": 0,
            "failure": "",
            "attempts": 0,
            "next_try_at": now,
            "queued_at": now,
        },
    )


def find_head(
    session: Session,
    person_id: str,
    channel: str,
    states: Sequence[str] = UNSETTLED,
    *,
    due_by: datetime | None = None,
) -> Delivery | None:
    """The oldest delivery of a person on a channel that is in one of these states, and due if a moment is given."""
    found = {"person": person_id, "on": channel, "states": states}
    if due_by is None:
        return session.scalar(_HEAD, found)
    return session.scalar(_DUE_HEAD, {**found, "due_by": due_by})


# Statements of every message that is sent: built once, with parameters.
_HEAD = (
    select(Delivery)
    .where(
        Delivery.person_id == bindparam("person"),
        Delivery.channel == bindparam("on"),
        Delivery.state.in_(bindparam("states", expanding=True)),
    )
    .order_by(Delivery.message_id)
    .limit(1)
)
_DUE_HEAD = _HEAD.where(Delivery.next_try_at <= bindparam("due_by"))


def has_unsent(session: Session, person_id: str, channel: str) -> bool:
    """Whether something for a person on a channel has not been sent yet, or is kept back."""
    query = select(Delivery.message_id).where(
        Delivery.person_id == person_id, Delivery.channel == channel, Delivery.state.in_((*UNSETTLED, "parked"))
    )
    return session.scalar(query.limit(1)) is not None


def list_due_channels(session: Session, person_id: str, now: datetime) -> list[str]:
    """The channels on which something for this person is due."""
    return sorted(set(session.scalars(_DUE_CHANNELS, {"person": person_id, "now": now})))


_LOOKED_AFTER: tuple[State, ...] = ("waiting", "sending", "uncertain")
_DUE_CHANNELS = select(Delivery.channel).where(
    Delivery.person_id == bindparam("person"),
    Delivery.state.in_(_LOOKED_AFTER),
    Delivery.next_try_at <= bindparam("now"),
)


def list_people_due(session: Session, now: datetime, *, channels: Sequence[str], limit: int = 500) -> list[str]:
    """People with something due on these channels, the longest waiting first."""
    query = (
        select(Delivery.person_id)
        .where(Delivery.state.in_(_LOOKED_AFTER), Delivery.next_try_at <= now, Delivery.channel.in_(channels))
        .order_by(Delivery.next_try_at)
        .limit(limit)
    )
    return list(dict.fromkeys(session.scalars(query)))


def claim(session: Session, message_id: int, *, now: datetime, lease: timedelta) -> bool:
    """Take a waiting delivery for sending; False if another process has it. The lease says when it counts as broken off."""
    result = session.execute(_CLAIM, {"message": message_id, "now": now, "until": now + lease})
    return rows_changed(result) == 1


_CLAIM = (
    update(_deliveries)
    .where(_deliveries.c.message_id == bindparam("message"), _deliveries.c.state == "waiting")
    .values(
        state="sending",
        attempted_at=bindparam("now"),
        next_try_at=bindparam("until"),
        attempts=_deliveries.c.attempts + 1,
    )
)


def settle(session: Session, message_id: int, *, expected: Sequence[str] = ("sending",), **values: Any) -> bool:
    """Write what became of a delivery, if it still stands where the caller left it."""
    result = session.execute(
        update(_deliveries)
        .where(_deliveries.c.message_id == message_id, _deliveries.c.state.in_(expected))
        .values(**values)
    )
    return rows_changed(result) == 1


def break_off(session: Session, now: datetime) -> int:
    """At the start of the only process: whatever was being sent was broken off, and may have arrived."""
    result = session.execute(update(_deliveries).where(_deliveries.c.state == "sending").values(next_try_at=now))
    return rows_changed(result)


def release(rows: Rows, person_id: str, channel: str, now: datetime) -> int:
    """Send what was parked: the person has written, so they may be written to."""
    result = rows.execute(_RELEASE, {"person": person_id, "on": channel, "now": now})
    return rows_changed(result)


_RELEASE = (
    update(_deliveries)
    .where(
        _deliveries.c.person_id == bindparam("person"),
        _deliveries.c.channel == bindparam("on"),
        _deliveries.c.state == "parked",
    )
    .values(state="waiting", failure="", next_try_at=bindparam("now"), queued_at=bindparam("now"))
)


def park_waiting(session: Session, person_id: str, channel: str, *, failure: str) -> None:
    """Hold back everything that has not been sent on a channel."""
    session.execute(
        update(_deliveries)
        .where(
            _deliveries.c.person_id == person_id,
            _deliveries.c.channel == channel,
            _deliveries.c.state.in_(("waiting", "uncertain")),
        )
        .values(state="parked", failure=failure)
    )


@dataclass(frozen=True)
class Receipt:
    """What a provider says later of a message. ``message_id`` is ours, if the provider was told it."""

    channel: str
    provider_id: str
    state: State
    failure: str = ""
    message_id: int = 0


def find_for_receipt(session: Session, receipt: Receipt) -> Delivery | None:
    """The delivery that a receipt speaks of: by the provider's id, or by ours if the receipt came before the id was kept."""
    found = session.scalar(
        select(Delivery).where(Delivery.channel == receipt.channel, Delivery.provider_id == receipt.provider_id)
    )
    if found is not None or not receipt.message_id:
        return found
    row = session.get(Delivery, receipt.message_id)
    if row is None or row.channel != receipt.channel:
        return None
    return row if row.provider_id is None or row.state in ("sending", "uncertain") else None


def says_more(delivery: Delivery, state: str) -> bool:
    """Whether a state is later than what is known. A failure counts unless the message has arrived."""
    if state == "failed":
        return delivery.state not in ("delivered", "read", "failed")
    return _RANK.get(state, 0) > _RANK.get(delivery.state, 3)


def known_provider_ids(session: Session, person_id: str, channel: str) -> set[str]:
    """The provider's ids of messages sent to a person, to tell an unknown one from them."""
    query = select(Delivery.provider_id).where(Delivery.person_id == person_id, Delivery.channel == channel)
    return {found for found in session.scalars(query) if found}


def deliveries_of(session: Session, message_ids: Sequence[int]) -> dict[int, Delivery]:
    """The deliveries of these messages, by message."""
    rows = session.scalars(select(Delivery).where(Delivery.message_id.in_(message_ids)))
    return {row.message_id: row for row in rows}


class Content(Base):
    """A form of message that a provider keeps for us under an id of its own, so that it is made once and used often."""

    __tablename__ = "contents"

    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    provider_id: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


def find_content(session: Session, mark: str) -> str | None:
    """The provider's id of a form, if it has been made."""
    return session.scalar(select(Content.provider_id).where(Content.mark == mark))


def keep_content(session: Session, mark: str, provider_id: str, now: datetime) -> None:
    """Remember a form that was made at the provider."""
    session.merge(Content(mark=mark, provider_id=provider_id, created_at=now))
