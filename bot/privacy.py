"""What people may ask of their data: to be told what is held, and to be forgotten. The retention job uses the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.aliases import SEEN_TIME, Alias, forget_seen, message_mark, see
from bot.buttons import ButtonToken
from bot.cases import service
from bot.cases.model import Case, CaseEvent, CaseLabel, Mention
from bot.cases.notice_chats import forget_chats, forget_codes, list_people_told
from bot.cases.search import forget_words
from bot.conversations import Message, Person, list_people_silent_since
from bot.trackers import Tracker


@dataclass(frozen=True)
class Holdings:
    """How much is held about one person."""

    messages: int
    cases: int
    since: datetime | None


def holdings(session: Session, person_id: str) -> Holdings:
    """What is held about a person, in numbers."""
    person = session.get(Person, person_id)
    return Holdings(
        messages=session.scalar(select(func.count()).where(Message.person_id == person_id)) or 0,
        cases=session.scalar(select(func.count()).where(Case.person_id == person_id)) or 0,
        since=person.created_at if person else None,
    )


def forget_conversation(session: Session, person_id: str, *, now: datetime) -> None:
    """Delete what a person wrote and read, and cut their cases loose; the pseudonym stays so that we can answer."""
    forget_chats(session, person_id)
    _forget_words(session, person_id, now=now)


def _forget_words(session: Session, person_id: str, *, now: datetime, before: datetime | None = None) -> None:
    session.execute(delete(Tracker).where(Tracker.sender_id == person_id))
    session.execute(delete(ButtonToken).where(ButtonToken.person_id == person_id))
    _remember_what_may_come_again(session, person_id, now)
    # What is on its way to them, and the keys of their files, go with the messages.
    messages = delete(Message).where(Message.person_id == person_id)
    session.execute(messages if before is None else messages.where(Message.created_at < before))
    cases = list(session.scalars(select(Case).where(Case.person_id == person_id)))
    for case in cases:
        service.close_forgotten(session, case, now=now)
    case_ids = [case.id for case in cases]
    session.execute(update(Case).where(Case.id.in_(case_ids)).values(person_id=None, summary={}))
    forget_words(session, case_ids)
    session.execute(delete(CaseLabel).where(CaseLabel.case_id.in_(case_ids)))
    session.execute(delete(Mention).where(Mention.case_id.in_(case_ids)))
    session.execute(update(CaseEvent).where(CaseEvent.case_id.in_(case_ids)).values(data={}))
    session.execute(update(Person).where(Person.id == person_id).values(language="", owner="bot"))


def _remember_what_may_come_again(session: Session, person_id: str, now: datetime) -> None:
    """A provider that sends a message again after it was deleted must not bring it back. No word of it is kept."""
    recent = select(Message.channel, Message.provider_id).where(
        Message.person_id == person_id, Message.direction == "in", Message.created_at > now - SEEN_TIME
    )
    for channel, provider_id in session.execute(recent).all():
        see(session, message_mark(channel, provider_id or ""), now)
    session.flush()


def forget_person(session: Session, person_id: str, *, now: datetime) -> None:
    """Delete a person altogether, their addresses included."""
    forget_conversation(session, person_id, now=now)
    session.execute(delete(Alias).where(Alias.person_id == person_id))
    session.execute(delete(Person).where(Person.id == person_id))


def purge(session: Session, *, retention_days: int, now: datetime) -> int:
    """Forget everybody silent for longer than the retention time; returns how many.

    An officer's chat in which a cell is told of its cases is silent by nature: its words go, its address stays.
    """
    forget_seen(session, now)
    forget_codes(session, now)
    before = now - timedelta(days=retention_days)
    people, told = list_people_silent_since(session, before), list_people_told(session)
    for person_id in people:
        if person_id in told:
            _forget_words(session, person_id, now=now, before=before)
        else:
            forget_person(session, person_id, now=now)
    return len(people) - len(told.intersection(people))
