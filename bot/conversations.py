"""People, their messages, and who answers them now: the bot or the desk.

Messages until they are answered are inbound.py's, addresses aliases.py's. Nothing here commits: the caller's transaction does.
"""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot import deliveries
from bot.buttons import add_tokens
from bot.messages import OutboundMessage
from bot.store.base import Base, Rows, UtcDateTime
from bot.store.results import added_id

Owner = Literal["bot", "desk"]
Author = Literal["person", "bot", "agent"]


class Person(Base):
    """Whoever writes to us, under a pseudonym."""

    __tablename__ = "persons"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), default="")
    owner: Mapped[str] = mapped_column(String(4), default="bot")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Message(Base):
    """One message, in or out. ``text`` is redacted; ``payload`` is a command of ours behind a button or pin.

    An inbound message is answered once: ``answered_at`` is set in the transaction that stores its answers. ``sent_at`` and
    ``sequence`` are the provider's, and order what arrives out of order. On the way out ``payload`` names a notice.
    ``outcome`` is what became of an inbound message (answer, choices, fallback, other), for the figures; never its words.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("channel", "provider_id"),
        Index("ix_messages_person", "person_id", "id"),
        Index("ix_messages_unanswered", "direction", "answered_at"),
        Index("ix_messages_outcome", "outcome", "created_at"),
        # An id is never used twice: pages remember the last one they have seen, also over a deletion.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(20))
    direction: Mapped[str] = mapped_column(String(3))
    author: Mapped[str] = mapped_column(String(6))
    provider_id: Mapped[str | None] = mapped_column(String(128))
    text: Mapped[str] = mapped_column(Text, default="")
    payload: Mapped[str] = mapped_column(Text, default="")
    problem: Mapped[str] = mapped_column(String(20), default="")
    language: Mapped[str] = mapped_column(String(2), default="")
    buttons: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    asks_place: Mapped[bool] = mapped_column(default=False)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id", ondelete="SET NULL"), index=True)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(10), default="")


# The statements of every turn are on plain tables and built once, with parameters: building one outlasts running it.
_persons, _messages = (Base.metadata.tables[name] for name in ("persons", "messages"))
_ADD = insert(_messages)


def find_person(session: Session, person_id: str) -> Person | None:
    """The person with this pseudonym."""
    return session.get(Person, person_id)


def was_told(rows: Rows, person_id: str, channel: str) -> bool:
    """Whether a person has ever been told anything on a channel."""
    return rows.scalar(_LAST_BUTTONS, {"person": person_id, "on": channel}) is not None


def last_buttons(rows: Rows, person_id: str, channel: str) -> list[dict[str, str]]:
    """The buttons (title, token) of what a person was last told on a channel."""
    return rows.scalar(_LAST_BUTTONS, {"person": person_id, "on": channel}) or []


_LAST_BUTTONS = (
    select(_messages.c.buttons)
    .where(
        _messages.c.person_id == bindparam("person"),
        _messages.c.channel == bindparam("on"),
        _messages.c.direction == "out",
    )
    .order_by(_messages.c.id.desc())
    .limit(1)
)


def lock_person(rows: Rows, person_id: str) -> str | None:
    """Lock a person until the end of the transaction; returns who answers them, None if there is no such person any more."""
    return rows.scalar(_LOCKED_OWNER, {"person": person_id})


_LOCKED_OWNER = select(_persons.c.owner).where(_persons.c.id == bindparam("person")).with_for_update()


def set_person(rows: Rows, person_id: str, **values: Any) -> None:
    """Change a person's language or owner."""
    for name, value in values.items():
        rows.execute(_SET[name], {"person": person_id, "value": value})


_SET = {
    name: update(_persons).where(_persons.c.id == bindparam("person")).values({name: bindparam("value")})
    for name in ("language", "owner")
}


def add_outbound(
    rows: Rows,
    message: OutboundMessage,
    *,
    person_id: str,
    channel: str,
    author: Author,
    now: datetime,
    case_id: str | None = None,
) -> int:
    """Store a message for a person and put it on its way; its buttons become tokens that only this person can use."""
    buttons = add_tokens(rows, message.buttons, person_id=person_id, now=now)
    result = rows.execute(
        _ADD,
        {
            "person_id": person_id,
            "channel": channel,
            "direction": "out",
            "author": author,
            "text": message.text,
            "payload": message.notice,
            "problem": "",
            "language": message.language,
            "buttons": buttons,
            "asks_place": message.asks_place,
            "case_id": case_id,
            "sequence": 0,
            "created_at": now,
            "outcome": "",
        },
    )
    message_id = added_id(result)
    deliveries.queue(rows, message_id, person_id=person_id, channel=channel, now=now)
    return message_id


def list_messages(
    session: Session, person_id: str, *, after: int = 0, case_id: str | None = None, limit: int = 500
) -> list[Message]:
    """Messages of a person in order, optionally after a message id or of one case only."""
    query = select(Message).where(Message.person_id == person_id, Message.id > after)
    if case_id is not None:
        query = query.where(Message.case_id == case_id)
    return list(session.scalars(query.order_by(Message.id).limit(limit)))


def list_recent_messages(session: Session, person_id: str, *, limit: int) -> list[Message]:
    """The last messages of a person, oldest first."""
    query = select(Message).where(Message.person_id == person_id).order_by(Message.id.desc()).limit(limit)
    return list(session.scalars(query))[::-1]


def last_channel(session: Session, person_id: str) -> str:
    """The channel on which this person wrote last."""
    query = (
        select(Message.channel)
        .where(Message.person_id == person_id, Message.direction == "in")
        .order_by(Message.id.desc())
        .limit(1)
    )
    return session.scalar(query) or "web"


def list_people_silent_since(session: Session, moment: datetime) -> list[str]:
    """People last seen before ``moment``: their conversations have reached the end of the retention time."""
    return list(session.scalars(select(Person.id).where(Person.last_seen_at < moment)))
