"""Figures about cases: what leads look at instead of reading. Numbers, ids and days; never a word of a person."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cases.model import RANK_CLOSED, Case
from bot.clock import MOROCCO
from bot.conversations import Message

#: What becomes of messages that the bot answers itself.
_OUTCOMES = ("answer", "choices", "fallback", "other")


@dataclass(frozen=True)
class CaseFigure:
    """One case in figures."""

    reference: str
    cell_id: str
    place_id: str
    topic: str
    language: str
    channel: str
    urgency: str
    status: str
    opened_at: datetime
    first_reply_s: int | None
    closed_at: datetime | None
    score: str


@dataclass(frozen=True)
class Week:
    """One week, beginning on Monday."""

    monday: date
    by_cell: Counter[str] = field(default_factory=Counter)
    first_replies: list[int] = field(default_factory=list)
    messages: int = 0
    unanswered: int = 0

    @property
    def median_first_reply(self) -> float | None:
        """The median first reply, in office seconds."""
        return median(self.first_replies) if self.first_replies else None


@dataclass(frozen=True)
class Figures:
    """What the page shows."""

    weeks: list[Week]
    topics: Counter[str]
    languages: Counter[str]
    channels: Counter[str]
    scores: Counter[str]
    load: dict[str, int]
    first_replies: list[int]

    @property
    def cases(self) -> int:
        """How many cases were opened."""
        return sum(sum(week.by_cell.values()) for week in self.weeks)


def each_case(session: Session, *, cell_id: str | None, since: datetime) -> Iterator[CaseFigure]:
    """Every case of a cell, or all, opened since a moment."""
    columns = [getattr(Case, name) for name in CaseFigure.__dataclass_fields__]
    query = select(*columns).where(Case.opened_at >= since, Case.cell_id != "").order_by(Case.opened_at)
    if cell_id is not None:
        query = query.where(Case.cell_id == cell_id)
    for row in session.execute(query.execution_options(yield_per=1000)):
        yield CaseFigure(*row)


def read_figures(session: Session, *, cell_id: str | None, now: datetime, weeks: int = 12) -> Figures:
    """The figures of the last weeks, of one cell or all."""
    mondays = last_mondays(now, weeks)
    since = start_of(mondays[0])
    found = {monday: Week(monday) for monday in mondays}
    totals: dict[str, Counter[str]] = {name: Counter() for name in ("topic", "language", "channel", "score")}
    first_replies = []
    for case in each_case(session, cell_id=cell_id, since=since):
        day = case.opened_at.astimezone(MOROCCO).date()
        week = found.get(day - timedelta(days=day.weekday()))
        if week is not None:
            week.by_cell[case.cell_id] += 1
        if week is not None and case.first_reply_s is not None:
            week.first_replies.append(case.first_reply_s)
            first_replies.append(case.first_reply_s)
        for name, counter in totals.items():
            if value := getattr(case, name):
                counter[value] += 1
    return Figures(
        weeks=list(_with_messages(session, found.values())) if cell_id is None else list(found.values()),
        topics=totals["topic"],
        languages=totals["language"],
        channels=totals["channel"],
        scores=totals["score"],
        load=_load(session, cell_id),
        first_replies=first_replies,
    )


def last_mondays(now: datetime, weeks: int) -> list[date]:
    """The Mondays of the last weeks, the present one included, in order."""
    today = now.astimezone(MOROCCO).date()
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=number) for number in reversed(range(weeks))]


def start_of(day: date) -> datetime:
    """The moment at which a day begins in Morocco."""
    return datetime(day.year, day.month, day.day, tzinfo=MOROCCO)


def _with_messages(session: Session, weeks: Iterable[Week]) -> Iterator[Week]:
    """What people asked the bot in each week, and how much of it was not answered. The bot belongs to no cell."""
    for week in weeks:
        between = (
            Message.created_at >= start_of(week.monday),
            Message.created_at < start_of(week.monday + timedelta(7)),
        )
        rows = session.execute(
            select(Message.outcome, func.count())
            .where(Message.outcome.in_(_OUTCOMES), *between)
            .group_by(Message.outcome)
        ).all()
        counts: dict[str, Any] = {row[0]: row[1] for row in rows}
        yield Week(week.monday, week.by_cell, week.first_replies, sum(counts.values()), int(counts.get("fallback", 0)))


def _load(session: Session, cell_id: str | None) -> dict[str, int]:
    query = select(Case.cell_id, func.count()).where(Case.rank < RANK_CLOSED, Case.cell_id != "")
    if cell_id is not None:
        query = query.where(Case.cell_id == cell_id)
    return {row[0]: int(row[1]) for row in session.execute(query.group_by(Case.cell_id))}
