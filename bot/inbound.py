"""Messages of people, from their coming in until they are answered. Nothing here commits: the caller's transaction does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, insert, literal, select, union_all, update

from bot.aliases import Seen, message_mark
from bot.cases.model import Case
from bot.conversations import Message, Person
from bot.files import File
from bot.store.base import Base, Rows
from bot.store.results import added_id, rows_changed

# The statements of every turn are on plain tables and built once, with parameters: building one outlasts running it.
_persons, _messages, _seen, _files, _cases = (
    Base.metadata.tables[mapped.__tablename__] for mapped in (Person, Message, Seen, File, Case)
)
_ADD = insert(_messages)


def add(rows: Rows, **values: Any) -> int:
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


def find_sender(rows: Rows, *, channel: str, provider_id: str) -> str | None:
    """The person of the message that a provider has already given us under this id; "" if it was deleted since."""
    sign = message_mark(channel, provider_id)
    return rows.scalar(_SENDER, {"on": channel, "known_as": provider_id, "sign": sign})


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


def list_people_waiting(rows: Rows, *, since: datetime | None = None) -> list[str]:
    """People with a message that was accepted (before ``since``) and not answered, the longest waiting first."""
    query = select(_messages.c.person_id).where(_messages.c.direction == "in", _messages.c.answered_at.is_(None))
    if since is not None:
        query = query.where(_messages.c.created_at <= since)
    return list(dict.fromkeys(rows.scalars(query.order_by(_messages.c.id))))


def mark_answered(rows: Rows, message_id: int, now: datetime, outcome: str = "") -> bool:
    """Mark an inbound message as answered; False if somebody else has done so already."""
    result = rows.execute(_MARK_ANSWERED, {"message": message_id, "now": now, "what": outcome[:10]})
    return rows_changed(result) == 1


_MARK_ANSWERED = (
    update(_messages)
    .where(_messages.c.id == bindparam("message"), _messages.c.answered_at.is_(None))
    .values(answered_at=bindparam("now"), outcome=bindparam("what"))
)


def has_message(rows: Rows, message_id: int) -> bool:
    """Whether a message is still there."""
    return rows.scalar(select(_messages.c.id).where(_messages.c.id == message_id)) is not None
