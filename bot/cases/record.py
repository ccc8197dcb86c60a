"""Writes events, and keeps in step with them what a case repeats of them: status, owner, rank, version, clocks."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy.orm import Session

from bot.cases.model import (
    RANK_CLOSED,
    RANK_LIVE,
    RANK_URGENT,
    Case,
    CaseEvent,
    EventKind,
    Standing,
    Status,
    standing_after_event,
)
from bot.cases.office_hours import OfficeHours
from bot.cases.sla import Clocks

#: What happens without the desk: a page made before it is still right about what the desk has done.
_NOT_THE_DESK = frozenset(("wrote", "reminded", "rated", "flagged"))


def add(
    session: Session,
    case: Case,
    kind: EventKind,
    *,
    at: datetime,
    agent_id: str | None = None,
    data: dict[str, Any] | None = None,
    cell_id: str | None = None,
) -> CaseEvent:
    """Write an event; status and owner of the case follow from it."""
    is_first = case.version == 0 and kind in ("received", "opened")
    before = None if is_first else Standing(cast("Status", case.status), case.agent_id, case.cell_id)
    event = CaseEvent(
        case_id=case.id,
        cell_id=case.cell_id if cell_id is None else cell_id,
        kind=kind,
        agent_id=agent_id,
        at=at,
        data=data or {},
    )
    session.add(event)
    standing = standing_after_event(before, event)
    case.status, case.agent_id = standing.status, standing.agent_id
    case.rank = RANK_CLOSED if case.status == "closed" else RANK_URGENT if case.urgency else RANK_LIVE
    case.changed_at = at
    if kind not in _NOT_THE_DESK:
        case.version += 1
    session.flush()
    return event


def clocks_of(case: Case) -> Clocks:
    """The clocks as the case keeps them."""
    return Clocks(
        reply_left=None if case.reply_left_s is None else timedelta(seconds=case.reply_left_s),
        resolution_left=timedelta(seconds=case.resolution_left_s),
        running_since=case.running_since,
    )


def set_clocks(case: Case, clocks: Clocks, hours: OfficeHours) -> None:
    """Keep clocks, and when they run out in these hours. A later date may be reminded of again."""
    due_before = (case.reply_due_at, case.resolution_due_at)
    case.reply_left_s = None if clocks.reply_left is None else round(clocks.reply_left.total_seconds())
    case.resolution_left_s = round(clocks.resolution_left.total_seconds())
    case.running_since = clocks.running_since
    case.reply_due_at = clocks.reply_due_at(hours)
    case.resolution_due_at = clocks.resolution_due_at(hours)
    if (case.reply_due_at, case.resolution_due_at) != due_before:
        case.reminded_at = None
