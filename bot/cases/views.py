"""Small things that agents keep for themselves: saved views, who is looking at what, names of colleagues."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.cases.model import Presence, SavedView
from bot.cases.staff import Agent
from bot.secrets import new_id

_MOST_VIEWS = 20


def save(session: Session, *, agent_id: str, name: str, query: str) -> None:
    """Keep a filter under a name; the same name again replaces it."""
    session.execute(delete(SavedView).where(SavedView.agent_id == agent_id, SavedView.name == name))
    known = session.scalars(select(SavedView.id).where(SavedView.agent_id == agent_id)).all()
    if len(known) < _MOST_VIEWS:
        session.add(SavedView(id=new_id(), agent_id=agent_id, name=name, query=query))


def delete_view(session: Session, *, agent_id: str, view_id: str) -> None:
    """Delete a saved view of this agent."""
    session.execute(delete(SavedView).where(SavedView.id == view_id, SavedView.agent_id == agent_id))


def be_present(session: Session, *, agent_id: str, case_id: str, is_typing: bool, now: datetime) -> None:
    """An agent has a case open."""
    session.merge(Presence(agent_id=agent_id, case_id=case_id, is_typing=is_typing, seen_at=now))


def leave(session: Session, *, agent_id: str, case_id: str) -> None:
    """An agent has closed the page of a case."""
    session.execute(delete(Presence).where(Presence.agent_id == agent_id, Presence.case_id == case_id))


def names_of_agents(session: Session, cell_id: str) -> dict[str, str]:
    """The user names of a cell's agents, by id. Those who have left are named too."""
    return {row.id: row.username for row in session.scalars(select(Agent).where(Agent.cell_id == cell_id))}


def names_of(session: Session, agent_ids: set[str]) -> dict[str, str]:
    """The user names of these agents, by id."""
    return {row.id: row.username for row in session.scalars(select(Agent).where(Agent.id.in_(agent_ids)))}
