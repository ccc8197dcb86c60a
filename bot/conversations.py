"""People, the addresses by which they reach us, their messages, and who answers them now: the bot or the desk.

Every query on these tables stands here. Nothing here commits: the caller's transaction does.
"""

from dataclasses import dataclass
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
    column,
    exists,
    func,
    insert,
    literal,
    select,
    table,
    union_all,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot import deliveries
from bot.buttons import add_tokens
from bot.messages import OutboundMessage
from bot.store.base import Base, Rows, UtcDateTime
from bot.store.results import added_id, rows_changed

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


def find_sender(rows: Rows, *, channel: str, provider_id: str, mark: str) -> str | None:
    """The person of the message that a provider has already given us under this id; "" if it was deleted since.

    ``mark`` is what is kept of a deleted message (bot/aliases.py).
    """
    return rows.scalar(_SENDER, {"on": channel, "known_as": provider_id, "sign": mark})


# Named only, here and below: their modules build on this one.
_seen = table("seen", column("mark"))
_SENDER = union_all(
    select(_messages.c.person_id).where(
        _messages.c.channel == bindparam("on"), _messages.c.provider_id == bindparam("known_as")
    ),
    select(literal("")).select_from(_seen).where(_seen.c.mark == bindparam("sign")),
)


@dataclass(frozen=True)
class Edited:
    """A message that its person has changed since, as it was."""

    id: int
    text: str
    payload: str
    answered_at: datetime | None


def find_edited(rows: Rows, person_id: str, *, channel: str, sequence: int) -> Edited | None:
    """The newest form of the message that a person has edited."""
    found = rows.execute(
        select(_messages.c.id, _messages.c.text, _messages.c.payload, _messages.c.answered_at)
        .where(
            _messages.c.person_id == person_id,
            _messages.c.channel == channel,
            _messages.c.direction == "in",
            _messages.c.sequence == sequence,
        )
        .order_by(_messages.c.id.desc())
        .limit(1)
    ).first()
    return Edited(*found) if found else None


def reword(rows: Rows, message_id: int, *, text: str, payload: str, problem: str) -> None:
    """Change what a message says that has not been answered yet."""
    rows.execute(
        update(_messages).where(_messages.c.id == message_id).values(text=text, payload=payload, problem=problem)
    )


def has_message(rows: Rows, message_id: int) -> bool:
    """Whether a message is still there."""
    return rows.scalar(select(_messages.c.id).where(_messages.c.id == message_id)) is not None


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


@dataclass(frozen=True)
class Waiting:
    """A message that has not been answered, with what answering it needs."""

    id: int
    person_id: str
    channel: str
    text: str
    payload: str
    problem: str
    owner: str
    language: str
    #: Whether files came with it; and whether any case of the person was ever closed.
    has_files: bool
    has_closed_case: bool


def find_unanswered(rows: Rows, person_id: str) -> Waiting | None:
    """The oldest message of this person that has not been answered."""
    found = rows.execute(_OLDEST_UNANSWERED, {"person": person_id}).first()
    return Waiting(*found) if found else None


_files, _cases = table("files", column("message_id")), table("cases", column("person_id"), column("status"))
_OLDEST_UNANSWERED = (
    select(
        _messages.c.id,
        _messages.c.person_id,
        _messages.c.channel,
        _messages.c.text,
        _messages.c.payload,
        _messages.c.problem,
        _persons.c.owner,
        _persons.c.language,
        exists().where(_files.c.message_id == _messages.c.id),
        exists().where(_cases.c.person_id == _messages.c.person_id, _cases.c.status == "closed"),
    )
    .select_from(_messages.join(_persons, _persons.c.id == _messages.c.person_id))
    .where(
        _messages.c.person_id == bindparam("person"), _messages.c.direction == "in", _messages.c.answered_at.is_(None)
    )
    .order_by(func.coalesce(_messages.c.sent_at, _messages.c.created_at), _messages.c.sequence, _messages.c.id)
    .limit(1)
)


def list_people_waiting(session: Session, *, since: datetime | None = None) -> list[str]:
    """People with a message that was accepted (before ``since``) and not answered, the longest waiting first."""
    query = select(Message.person_id).where(Message.direction == "in", Message.answered_at.is_(None))
    if since is not None:
        query = query.where(Message.created_at <= since)
    return list(dict.fromkeys(session.scalars(query.order_by(Message.id))))


def lock_person(rows: Rows, person_id: str) -> str | None:
    """Lock a person until the end of the transaction; returns who answers them, None if there is no such person any more."""
    return rows.scalar(_LOCKED_OWNER, {"person": person_id})


_LOCKED_OWNER = select(_persons.c.owner).where(_persons.c.id == bindparam("person")).with_for_update()


def add_inbound(rows: Rows, **values: Any) -> int:
    """Store what a person wrote; returns the id of the message."""
    result = rows.execute(_ADD, {**_INBOUND, **values})
    return added_id(result)


_INBOUND = {
    "direction": "in",
    "author": "person",
    "language": "",
    "buttons": [],
    "asks_place": False,
    "case_id": None,
    "answered_at": None,
    "outcome": "",
}


def set_person(rows: Rows, person_id: str, **values: Any) -> None:
    """Change a person's language or owner."""
    for name, value in values.items():
        rows.execute(_SET[name], {"person": person_id, "value": value})


_SET = {
    name: update(_persons).where(_persons.c.id == bindparam("person")).values({name: bindparam("value")})
    for name in ("language", "owner")
}


def mark_answered(rows: Rows, message_id: int, now: datetime, outcome: str = "") -> bool:
    """Mark an inbound message as answered; False if somebody else has done so already."""
    result = rows.execute(_MARK_ANSWERED, {"message": message_id, "now": now, "what": outcome[:10]})
    return rows_changed(result) == 1


_MARK_ANSWERED = (
    update(_messages)
    .where(_messages.c.id == bindparam("message"), _messages.c.answered_at.is_(None))
    .values(answered_at=bindparam("now"), outcome=bindparam("what"))
)


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
