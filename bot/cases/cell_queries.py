"""Every query on what cells set for themselves: hours, absences, ready-made replies."""

from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.cases.cells import Absence, CannedReply, CellSettings
from bot.cases.staff import Agent


def find_settings(session: Session, cell_id: str) -> CellSettings | None:
    """What a cell has set for itself."""
    return session.get(CellSettings, cell_id)


def list_settings(session: Session) -> list[CellSettings]:
    """What all cells have set."""
    return list(session.scalars(select(CellSettings)))


def list_absences(session: Session, *, from_day: date, cell_id: str = "") -> list[Absence]:
    """Absences that are not over on a day, of one cell or all."""
    query = select(Absence).where(Absence.last_day >= from_day)
    if cell_id:
        query = query.where(Absence.cell_id == cell_id)
    return list(session.scalars(query.order_by(Absence.first_day)))


def is_absent(session: Session, agent_id: str, day: date) -> bool:
    """Whether an agent is away on a day."""
    query = select(Absence.id).where(Absence.agent_id == agent_id, Absence.first_day <= day, Absence.last_day >= day)
    return session.scalar(query.limit(1)) is not None


def delete_absence(session: Session, *, absence_id: str, cell_id: str) -> None:
    """Take back an absence of this cell."""
    session.execute(delete(Absence).where(Absence.id == absence_id, Absence.cell_id == cell_id))


def list_active_agents(session: Session) -> dict[str, set[str]]:
    """The agents who can answer, by cell."""
    found: dict[str, set[str]] = {}
    for agent in session.scalars(select(Agent).where(Agent.is_active)):
        if agent.has_role("agent", "lead"):
            found.setdefault(agent.cell_id, set()).add(agent.id)
    return found


def list_canned(session: Session, cell_id: str) -> list[CannedReply]:
    """The ready-made replies of a cell."""
    return list(session.scalars(select(CannedReply).where(CannedReply.cell_id == cell_id)))


def find_canned(session: Session, *, canned_id: str, cell_id: str) -> CannedReply | None:
    """A ready-made reply of this cell."""
    query = select(CannedReply).where(CannedReply.id == canned_id, CannedReply.cell_id == cell_id)
    return session.scalar(query)


def delete_canned(session: Session, *, canned_id: str, cell_id: str) -> None:
    """Delete a ready-made reply of this cell."""
    session.execute(delete(CannedReply).where(CannedReply.id == canned_id, CannedReply.cell_id == cell_id))
