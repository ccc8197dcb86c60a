"""The addresses by which people reach us. They can change, belong to one person at a time, and are never the person.

Addresses are found by a keyed fingerprint and readable only with the secret key. Nothing here commits.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from sqlalchemy import ForeignKey, String, Text, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.conversations import Person
from bot.secrets import AddressBook, new_id
from bot.store.base import Base, Rows, UtcDateTime

#: How long a code that links two channels is good.
LINK_TIME = timedelta(minutes=15)
#: How long a message is recognised after its person had it deleted: longer than any provider sends one again.
SEEN_TIME = timedelta(days=8)


class Alias(Base):
    """An address of a person on a channel.

    ``heard_at`` is when somebody last wrote from it: the window of a channel is counted from there, and it outlives the
    messages. ``stopped_at``: they asked not to be written to. ``is_reachable``: False once they have blocked us.
    """

    __tablename__ = "aliases"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    sealed_address: Mapped[str] = mapped_column(Text)
    is_account: Mapped[bool] = mapped_column(default=False)
    is_reachable: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    heard_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LinkCode(Base):
    """A code that joins the channel on which it is written to the person who asked for it."""

    __tablename__ = "link_codes"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Seen(Base):
    """Something that happens once: a deleted message that a provider may send again, a group that was told no."""

    __tablename__ = "seen"

    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


# Plain tables for the statements of every message, which are built once.
_aliases, _persons = (Base.metadata.tables[mapped.__tablename__] for mapped in (Alias, Person))


@dataclass(frozen=True)
class Sender:
    """Who has written, as far as taking the message in needs it."""

    id: str
    language: str
    owner: str


def get_or_add_person(
    rows: Rows, book: AddressBook, *, channel: str, address: str, now: datetime, also: Sequence[str] = ()
) -> Sender:
    """The person behind an address from which somebody writes now, known or new.

    ``also`` holds the account behind the address, where a channel tells it (WhatsApp's business-scoped id). The account
    decides: it keeps its person when its number changes, and a number that comes with another account is another
    person's now, who must not read what its last owner wrote.
    """
    # Nearly every message: an address that is known and comes without an account.
    known = None if also else rows.scalar(_HEARD, {"mark": book.fingerprint(channel, address), "now": now})
    person_id = known or _join_addresses(rows, book, channel=channel, address=address, now=now, also=also)
    language, owner = rows.execute(_LAST_SEEN, {"person": person_id, "now": now}).one()
    return Sender(person_id, language, owner)


# Whoever writes may be written to again.
_HEARD = (
    update(_aliases)
    .where(_aliases.c.fingerprint == bindparam("mark"))
    .values(heard_at=bindparam("now"), is_reachable=True)
    .returning(_aliases.c.person_id)
)
_LAST_SEEN = (
    update(_persons)
    .where(_persons.c.id == bindparam("person"))
    .values(last_seen_at=bindparam("now"))
    .returning(_persons.c.language, _persons.c.owner)
)


def _join_addresses(
    rows: Rows, book: AddressBook, *, channel: str, address: str, now: datetime, also: Sequence[str]
) -> str:
    """The person of these addresses, who has all of them from now on."""
    marks = {name: book.fingerprint(channel, name) for name in (*also, address)}
    owners = _owners_of(rows, list(marks.values()))
    account = next((owner for name in also if (owner := owners.get(marks[name]))), None)
    plain = owners.get(marks[address])
    is_somebody_elses = plain is not None and also and _has_account(rows, plain, channel)
    person_id = account or (None if is_somebody_elses else plain) or _add_person(rows, now)
    for name, mark in marks.items():
        if mark in owners:
            # A number that changed hands begins anew; otherwise who writes may be written to again.
            rows.execute(_TAKE_OVER, {"mark": mark, "person": person_id, "now": now})
        else:
            rows.execute(
                insert(_aliases),
                {
                    "fingerprint": mark,
                    "person_id": person_id,
                    "channel": channel,
                    "sealed_address": book.seal(name),
                    "is_account": name in also,
                    "is_reachable": True,
                    "created_at": now,
                    "heard_at": now,
                },
            )
    return person_id


_TAKE_OVER = (
    update(_aliases)
    .where(_aliases.c.fingerprint == bindparam("mark"))
    .values(person_id=bindparam("person"), heard_at=bindparam("now"), is_reachable=True)
)


def _owners_of(rows: Rows, marks: Sequence[str]) -> dict[str, str]:
    """The persons of addresses that are known, by fingerprint."""
    query = select(_aliases.c.fingerprint, _aliases.c.person_id).where(_aliases.c.fingerprint.in_(marks))
    return {row.fingerprint: row.person_id for row in rows.execute(query)}


def _has_account(rows: Rows, person_id: str, channel: str) -> bool:
    query = select(_aliases.c.fingerprint).where(
        _aliases.c.person_id == person_id, _aliases.c.channel == channel, _aliases.c.is_account
    )
    return rows.scalar(query.limit(1)) is not None


def _add_person(rows: Rows, now: datetime) -> str:
    person_id = new_id()
    values = {"id": person_id, "language": "", "owner": "bot", "created_at": now, "last_seen_at": now}
    rows.execute(insert(_persons), values)
    return person_id


def find_alias(session: Session, person_id: str, channel: str) -> Alias | None:
    """Where a person is reached on a channel: the address from which they wrote last, a number before an account."""
    return session.scalar(_ALIAS, {"person": person_id, "on": channel})


_ALIAS = (
    select(Alias)
    .where(Alias.person_id == bindparam("person"), Alias.channel == bindparam("on"))
    .order_by(Alias.heard_at.desc(), Alias.is_account)
    .limit(1)
)


def find_person_at(rows: Rows, book: AddressBook, *, channel: str, address: str) -> str | None:
    """The person behind an address, or None; nobody is made up."""
    mark = book.fingerprint(channel, address)
    return _owners_of(rows, [mark]).get(mark)


def list_addresses(session: Session, book: AddressBook, person_id: str) -> list[tuple[str, str]]:
    """The channels and addresses of a person, in clear. Only for whoever has stated a reason that was written down.

    An address that was sealed under an earlier secret key can be read by nobody any more: "" stands for it.
    """
    rows = session.scalars(select(Alias).where(Alias.person_id == person_id))
    return [(row.channel, _unsealed(book, row.sealed_address)) for row in rows]


def _unsealed(book: AddressBook, sealed: str) -> str:
    try:
        return book.unseal(sealed)
    except InvalidToken:
        return ""


def mark_stopped(rows: Rows, person_id: str, channel: str, at: datetime | None) -> None:
    """Note that a person does not want to be written to on a channel, or does again (None)."""
    rows.execute(_STOPPED, {"person": person_id, "on": channel, "moment": at})


_STOPPED = (
    update(_aliases)
    .where(_aliases.c.person_id == bindparam("person"), _aliases.c.channel == bindparam("on"))
    .values(stopped_at=bindparam("moment"))
)


def mark_reachable(session: Session, person_id: str, channel: str, *, is_reachable: bool) -> None:
    """Note that a person has blocked us on a channel, or no longer does."""
    session.execute(
        update(Alias).where(Alias.person_id == person_id, Alias.channel == channel).values(is_reachable=is_reachable)
    )


def mark_reminded(session: Session, person_id: str, channel: str, at: datetime) -> None:
    """Note that a person was told that something waits for them."""
    session.execute(update(Alias).where(Alias.person_id == person_id, Alias.channel == channel).values(reminded_at=at))


def add_link_code(session: Session, book: AddressBook, *, person_id: str, code: str, now: datetime) -> None:
    """Remember a code for a person; an earlier one of theirs is no longer good."""
    session.execute(delete(LinkCode).where(LinkCode.person_id == person_id))
    session.add(LinkCode(fingerprint=book.fingerprint("link", code), person_id=person_id, expires_at=now + LINK_TIME))


def take_link_code(session: Session, book: AddressBook, *, code: str, now: datetime) -> str | None:
    """The person whose code this is, if it is still good. A code is good once."""
    row = session.get(LinkCode, book.fingerprint("link", code))
    if row is None:
        return None
    session.delete(row)
    return row.person_id if now < row.expires_at else None


def move_aliases(session: Session, *, old: str, new: str) -> None:
    """Give every address of one person to another."""
    session.execute(update(Alias).where(Alias.person_id == old).values(person_id=new))


def message_mark(channel: str, provider_id: str) -> str:
    """What is kept of a deleted message so that it is recognised if it comes again."""
    return hashlib.sha256(f"{channel}:{provider_id}".encode()).hexdigest()


def see(session: Session, mark: str, now: datetime) -> bool:
    """Note something that happens once; False if it has been seen."""
    if session.get(Seen, mark) is not None:
        return False
    session.add(Seen(mark=mark, at=now))
    return True


def forget_seen(session: Session, now: datetime) -> None:
    """Forget what was seen so long ago that it does not come again."""
    session.execute(delete(Seen).where(Seen.at < now - SEEN_TIME))
    session.execute(delete(LinkCode).where(LinkCode.expires_at < now))
