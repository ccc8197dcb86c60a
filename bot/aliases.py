"""The addresses by which people reach us. They can change, belong to one person at a time, and are never the person.

Addresses are found by a keyed fingerprint and readable only with the secret key. Nothing here commits.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from sqlalchemy import ForeignKey, String, Text, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.conversations import Person
from bot.secrets import AddressBook, new_id
from bot.store.base import Base, UtcDateTime

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
_aliases, _persons = (Base.metadata.tables[name] for name in ("aliases", "persons"))


def get_or_add_person(
    session: Session, book: AddressBook, *, channel: str, address: str, now: datetime, also: Sequence[str] = ()
) -> Person:
    """The person behind an address, known or new.

    ``also`` holds the account behind the address, where a channel tells it (WhatsApp's business-scoped id). The account
    decides: it keeps its person when its number changes, and a number that comes with another account is another
    person's now, who must not read what its last owner wrote.
    """
    mark = book.fingerprint(channel, address)
    # Nearly every message: an address that is known and comes without an account.
    if not also and (person := session.scalar(_PERSON_AT, {"mark": mark})) is not None:
        session.execute(_HEARD, {"mark": mark, "now": now})
        session.execute(_LAST_SEEN, {"person": person.id, "now": now})
        return person
    known = {name: session.get(Alias, book.fingerprint(channel, name)) for name in (*also, address)}
    account = next((row for name in also if (row := known[name]) is not None), None)
    plain = known[address]
    found = account or (None if plain is not None and also and _has_account(session, plain) else plain)
    if found is None:
        person = Person(id=new_id(), language="", owner="bot", created_at=now, last_seen_at=now)
        session.add(person)
        session.flush()
    else:
        person = session.get_one(Person, found.person_id)
        person.last_seen_at = now
    for name, row in known.items():
        if row is None:
            session.add(_new_alias(book, person.id, channel=channel, address=name, is_account=name in also, now=now))
        else:
            # A number that changed hands begins anew; otherwise who writes may be written to again.
            row.person_id, row.heard_at, row.is_reachable = person.id, now, True
    session.flush()
    return person


# Whoever writes may be written to again.
_PERSON_AT = select(Person).join(Alias, Alias.person_id == Person.id).where(Alias.fingerprint == bindparam("mark"))
_HEARD = (
    update(_aliases)
    .where(_aliases.c.fingerprint == bindparam("mark"))
    .values(heard_at=bindparam("now"), is_reachable=True)
)
_LAST_SEEN = update(_persons).where(_persons.c.id == bindparam("person")).values(last_seen_at=bindparam("now"))


def _has_account(session: Session, alias: Alias) -> bool:
    query = select(Alias.fingerprint).where(
        Alias.person_id == alias.person_id, Alias.channel == alias.channel, Alias.is_account
    )
    return session.scalar(query.limit(1)) is not None


def _new_alias(
    book: AddressBook, person_id: str, *, channel: str, address: str, is_account: bool, now: datetime
) -> Alias:
    return Alias(
        fingerprint=book.fingerprint(channel, address),
        person_id=person_id,
        channel=channel,
        sealed_address=book.seal(address),
        is_account=is_account,
        is_reachable=True,
        created_at=now,
        heard_at=now,
    )


def find_alias(session: Session, person_id: str, channel: str) -> Alias | None:
    """Where a person is reached on a channel: the address from which they wrote last, a number before an account."""
    return session.scalar(_ALIAS, {"person": person_id, "on": channel})


_ALIAS = (
    select(Alias)
    .where(Alias.person_id == bindparam("person"), Alias.channel == bindparam("on"))
    .order_by(Alias.heard_at.desc(), Alias.is_account)
    .limit(1)
)


def find_person_at(session: Session, book: AddressBook, *, channel: str, address: str) -> str | None:
    """The person behind an address, or None; nobody is made up."""
    return session.scalar(select(Alias.person_id).where(Alias.fingerprint == book.fingerprint(channel, address)))


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


def mark_stopped(session: Session, person_id: str, channel: str, at: datetime | None) -> None:
    """Note that a person does not want to be written to on a channel, or does again (None)."""
    session.execute(_STOPPED, {"person": person_id, "on": channel, "moment": at})


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


def was_seen(session: Session, mark: str) -> bool:
    """Whether something has been seen."""
    return session.scalar(_SEEN, {"sign": mark}) is not None


_SEEN = select(Seen.mark).where(Seen.mark == bindparam("sign"))


def forget_seen(session: Session, now: datetime) -> None:
    """Forget what was seen so long ago that it does not come again."""
    session.execute(delete(Seen).where(Seen.at < now - SEEN_TIME))
    session.execute(delete(LinkCode).where(LinkCode.expires_at < now))
