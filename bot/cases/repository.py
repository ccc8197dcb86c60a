"""Every query on cases and agents."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cases.model import Agent, AgentSession, Case, CaseEvent
from bot.errors import CaseNotFound


def list_cases(session: Session, *, cell_id: str, limit: int = 200) -> list[Case]:
    """Cases of one cell: the waiting ones first, the urgent before them, then by age."""
    order = (Case.status == "closed", Case.urgency == "", Case.opened_at)
    return list(session.scalars(select(Case).where(Case.cell_id == cell_id).order_by(*order).limit(limit)))


def get_case(session: Session, *, case_id: str, cell_id: str) -> Case:
    """A case of this cell; raises CaseNotFound for every other, so that ids cannot be guessed."""
    case = session.scalar(select(Case).where(Case.id == case_id, Case.cell_id == cell_id))
    if case is None:
        raise CaseNotFound
    return case


def find_live_case(session: Session, person_id: str) -> Case | None:
    """The case of this person that is not closed."""
    return session.scalar(
        select(Case)
        .where(Case.person_id == person_id, Case.status != "closed")
        .order_by(Case.opened_at.desc())
        .limit(1)
    )


def list_events(session: Session, case_id: str) -> list[CaseEvent]:
    """What happened to a case, in order."""
    return list(session.scalars(select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.id)))


def count_cases(session: Session) -> dict[str, int]:
    """How many cases have which status."""
    rows = session.execute(select(Case.status, func.count()).group_by(Case.status))
    return {row[0]: row[1] for row in rows}


def find_agent(session: Session, username: str) -> Agent | None:
    """The agent who signs in under this name."""
    return session.scalar(select(Agent).where(Agent.username == username))


def list_agents(session: Session) -> list[Agent]:
    """All agents."""
    return list(session.scalars(select(Agent).order_by(Agent.username)))


def find_session(session: Session, key_hash: str, now: datetime) -> tuple[AgentSession, Agent] | None:
    """A sign-in that is still good, with its agent."""
    found = session.execute(
        select(AgentSession, Agent)
        .join(Agent, Agent.id == AgentSession.agent_id)
        .where(AgentSession.key_hash == key_hash, AgentSession.expires_at > now, Agent.is_active)
    ).first()
    return (found[0], found[1]) if found else None
