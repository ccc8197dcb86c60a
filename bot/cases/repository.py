"""Every query on cases, their events, labels and the agents' own views of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, bindparam, false, func, or_, select
from sqlalchemy.orm import Session

from bot.cases.model import (
    RANK_CLOSED,
    RANK_URGENT,
    Case,
    CaseEvent,
    CaseLabel,
    Mention,
    Presence,
    SavedView,
)
from bot.cases.search import matching, reference_in
from bot.conversations import Message
from bot.errors import CaseNotFound
from bot.store.base import Base

#: Somebody whose page has not been heard of for so long is not there.
PRESENT_FOR = timedelta(seconds=20)

VIEWS = ("live", "mine", "pool", "due", "mentions", "closed", "all")


@dataclass(frozen=True)
class CaseFilter:
    """What a list shows. Empty fields do not filter; ``view`` is one of VIEWS."""

    view: str = "live"
    agent_id: str = ""
    topic: str = ""
    language: str = ""
    channel: str = ""
    label: str = ""
    urgent: bool = False
    words: str = ""


def list_cases(
    session: Session,
    *,
    cell_id: str,
    wanted: CaseFilter | None = None,
    now: datetime | None = None,
    limit: int = 200,
    offset: int = 0,
) -> list[Case]:
    """Cases of one cell: the urgent ones first, then by age; closed ones, and what is searched for, the newest first."""
    wanted = wanted or CaseFilter(view="all")
    query = _filtered(select(Case).where(Case.cell_id == cell_id), cell_id, wanted, now)
    if wanted.view == "closed":
        query = query.order_by(Case.closed_at.desc())
    elif wanted.words:
        # In the order of an index: the first page is found before all matches are known.
        query = query.order_by(Case.opened_at.desc())
    else:
        query = query.order_by(Case.rank, Case.opened_at)
    return list(session.scalars(query.limit(limit).offset(offset)))


def _filtered(query: Select[Any], cell_id: str, wanted: CaseFilter, now: datetime | None) -> Select[Any]:
    query = _in_view(query, wanted, now)
    exact = {Case.topic: wanted.topic, Case.language: wanted.language, Case.channel: wanted.channel}
    for column, value in exact.items():
        if value:
            query = query.where(column == value)
    if wanted.urgent:
        query = query.where(Case.urgency != "")
    if wanted.label:
        query = query.where(
            Case.id.in_(select(CaseLabel.case_id).where(CaseLabel.cell_id == cell_id, CaseLabel.name == wanted.label))
        )
    return _searched(query, cell_id, wanted.words) if wanted.words.strip() else query


def _in_view(query: Select[Any], wanted: CaseFilter, now: datetime | None) -> Select[Any]:
    if wanted.view not in ("all", "mentions", "closed"):
        query = query.where(Case.rank < RANK_CLOSED)
    match wanted.view:
        case "mine":
            query = query.where(Case.agent_id == wanted.agent_id)
        case "pool":
            query = query.where(Case.agent_id.is_(None))
        case "due":
            query = query.where(or_(Case.reply_due_at <= now, Case.resolution_due_at <= now))
        case "mentions":
            query = query.where(Case.id.in_(select(Mention.case_id).where(Mention.agent_id == wanted.agent_id)))
        case "closed":
            query = query.where(Case.rank == RANK_CLOSED, Case.closed_at.is_not(None))
    return query


def _searched(query: Select[Any], cell_id: str, words: str) -> Select[Any]:
    reference = reference_in(words)
    found = matching(cell_id, words)
    by_words = and_(*(Case.id.in_(cases) for cases in found)) if found else false()
    if reference is None:
        return query.where(by_words)
    # A case that another was merged into is found by the other's reference too: it stands among its words.
    by_reference = and_(*(Case.id.in_(cases) for cases in matching(cell_id, reference.replace("-", ""))))
    return query.where(or_(Case.reference == reference, by_reference, by_words))


def count_live(session: Session, *, cell_id: str, agent_id: str) -> dict[str, int]:
    """How many live cases a cell has, in its pool and with this agent."""
    rows = session.execute(
        select(Case.agent_id, func.count())
        .where(Case.cell_id == cell_id, Case.rank < RANK_CLOSED)
        .group_by(Case.agent_id)
    ).all()
    by_agent = {row[0]: int(row[1]) for row in rows}
    return {"live": sum(by_agent.values()), "pool": by_agent.get(None, 0), "mine": by_agent.get(agent_id, 0)}


def get_case(session: Session, *, case_id: str, cell_id: str, lock: bool = False) -> Case:
    """A case of this cell; raises CaseNotFound for every other, so that ids cannot be guessed."""
    query = select(Case).where(Case.id == case_id, Case.cell_id == cell_id, Case.cell_id != "")
    case = session.scalar(query.with_for_update() if lock else query)
    if case is None:
        raise CaseNotFound
    return case


def get_pending(session: Session, case_id: str) -> Case:
    """A case that waits for a cell; raises CaseNotFound."""
    case = session.scalar(select(Case).where(Case.id == case_id, Case.status == "pending").with_for_update())
    if case is None:
        raise CaseNotFound
    return case


def list_pending(session: Session, limit: int = 100) -> list[Case]:
    """Cases that wait for a cell, the oldest first."""
    query = select(Case).where(Case.cell_id == "", Case.status == "pending").order_by(Case.opened_at)
    return list(session.scalars(query.limit(limit)))


def find_live_case(session: Session, person_id: str, *, lock: bool = False) -> Case | None:
    """The case of this person that a cell has and has not closed."""
    query = (
        select(Case)
        .where(Case.person_id == person_id, Case.status.in_(("open", "assigned")))
        .order_by(Case.opened_at.desc())
        .limit(1)
    )
    return session.scalar(query.with_for_update() if lock else query)


def find_last_closed(session: Session, person_id: str, *, since: datetime) -> Case | None:
    """The case of this person that a cell closed last, if that was after ``since``."""
    found = session.scalar(_LAST_CLOSED, {"person": person_id, "since": since})
    return session.get(Case, found) if found is not None else None


# Looked for on every turn, mostly in vain: built once, on the plain table.
_cases = Base.metadata.tables["cases"]
_LAST_CLOSED = (
    select(_cases.c.id)
    .where(
        _cases.c.person_id == bindparam("person"),
        _cases.c.status == "closed",
        _cases.c.closed_at >= bindparam("since"),
        _cases.c.cell_id != "",
        _cases.c.merged_into.is_(None),
    )
    .order_by(_cases.c.closed_at.desc())
    .limit(1)
)


def list_cases_of_person(session: Session, person_id: str, *, cell_id: str) -> list[Case]:
    """All cases of a person at one cell, the newest first."""
    query = select(Case).where(Case.person_id == person_id, Case.cell_id == cell_id)
    return list(session.scalars(query.order_by(Case.opened_at.desc()).limit(20)))


def list_events(session: Session, case_id: str) -> list[CaseEvent]:
    """What happened to a case, in order."""
    return list(session.scalars(select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.id)))


def list_thread_events(session: Session, case_id: str) -> list[CaseEvent]:
    """What happened to a case and to those that went into it, in order."""
    taken_in = session.scalars(select(Case.id).where(Case.merged_into == case_id))
    query = select(CaseEvent).where(CaseEvent.case_id.in_([case_id, *taken_in]))
    return list(session.scalars(query.order_by(CaseEvent.id)))


def references_of(session: Session, case_ids: Iterable[str]) -> dict[str, str]:
    """The references of these cases, by id."""
    rows = session.execute(select(Case.id, Case.reference).where(Case.id.in_(list(case_ids)))).all()
    return {row[0]: row[1] for row in rows}


def list_news(session: Session, *, cell_id: str, after: int, limit: int = 100) -> list[CaseEvent]:
    """What happened at a cell after an event."""
    query = select(CaseEvent).where(CaseEvent.cell_id == cell_id, CaseEvent.id > after)
    return list(session.scalars(query.order_by(CaseEvent.id).limit(limit)))


def last_event_id(session: Session, cell_id: str) -> int:
    """The id of the last thing that happened at a cell."""
    query = select(CaseEvent.id).where(CaseEvent.cell_id == cell_id).order_by(CaseEvent.id.desc()).limit(1)
    return session.scalar(query) or 0


def list_case_messages(session: Session, case_id: str, *, limit: int = 400) -> list[Message]:
    """The last messages of a case, oldest first."""
    query = select(Message).where(Message.case_id == case_id).order_by(Message.id.desc()).limit(limit)
    return list(reversed(list(session.scalars(query))))


def list_labels(session: Session, cell_id: str, limit: int = 200) -> list[str]:
    """The labels that a cell uses."""
    query = select(CaseLabel.name).where(CaseLabel.cell_id == cell_id).distinct().order_by(CaseLabel.name)
    return list(session.scalars(query.limit(limit)))


def labels_of(session: Session, case_ids: Iterable[str]) -> dict[str, list[str]]:
    """The labels of each case."""
    found: dict[str, list[str]] = {}
    query = select(CaseLabel).where(CaseLabel.case_id.in_(list(case_ids))).order_by(CaseLabel.name)
    for label in session.scalars(query):
        found.setdefault(label.case_id, []).append(label.name)
    return found


def list_due(session: Session, *, before: datetime) -> list[Case]:
    """Live cases with a clock that runs out before a moment and of which nobody has been reminded."""
    query = select(Case).where(
        Case.rank < RANK_CLOSED,
        Case.reminded_at.is_(None),
        or_(Case.reply_due_at <= before, Case.resolution_due_at <= before),
    )
    return list(session.scalars(query.limit(500)))


def list_live_on(session: Session, channel: str) -> list[Case]:
    """Live cases on a channel in which the person waits for us."""
    query = select(Case).where(
        Case.rank < RANK_CLOSED, Case.rank >= RANK_URGENT, Case.channel == channel, Case.waiting_since.is_not(None)
    )
    return list(session.scalars(query.limit(2000)))


def load_by_cell(session: Session) -> dict[str, int]:
    """How many live cases each cell has."""
    rows = session.execute(select(Case.cell_id, func.count()).where(Case.rank < RANK_CLOSED).group_by(Case.cell_id))
    return {row[0]: int(row[1]) for row in rows}


def count_cases(session: Session) -> dict[str, int]:
    """How many cases have which status."""
    rows = session.execute(select(Case.status, func.count()).group_by(Case.status))
    return {row[0]: row[1] for row in rows}


def list_present(session: Session, case_id: str, now: datetime) -> list[Presence]:
    """Who has a case open now."""
    query = select(Presence).where(Presence.case_id == case_id, Presence.seen_at > now - PRESENT_FOR)
    return list(session.scalars(query))


def list_views(session: Session, agent_id: str) -> list[SavedView]:
    """The saved views of an agent."""
    return list(session.scalars(select(SavedView).where(SavedView.agent_id == agent_id).order_by(SavedView.name)))


def count_mentions(session: Session, agent_id: str) -> int:
    """In how many cases an agent was mentioned and has not looked."""
    query = select(func.count()).where(Mention.agent_id == agent_id, Mention.seen_at.is_(None))
    return session.scalar(query) or 0


def count_urgent(session: Session, case_ids: set[str]) -> int:
    """How many of these cases are urgent and not closed."""
    query = select(func.count()).where(Case.id.in_(case_ids), Case.rank == RANK_URGENT)
    return session.scalar(query) or 0
