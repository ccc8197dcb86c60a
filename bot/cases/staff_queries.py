"""Every query on staff: accounts, sessions, invitations, the audit log."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.cases.staff import Agent, AgentSession, AuditEntry, Invitation

#: An agent whose pages have not been heard of for so long is not online.
ONLINE_FOR = timedelta(minutes=2)


def find_agent(session: Session, username: str) -> Agent | None:
    """The agent who signs in under this name."""
    return session.scalar(select(Agent).where(Agent.username == username))


def get_agent(session: Session, agent_id: str) -> Agent:
    """An agent by id."""
    return session.get_one(Agent, agent_id)


def find_agent_by_id(session: Session, agent_id: str) -> Agent | None:
    """An agent by id, or None."""
    return session.get(Agent, agent_id)


def list_agents(session: Session, *, cell_id: str | None = None) -> list[Agent]:
    """All agents, or those of one cell."""
    query = select(Agent).order_by(Agent.username)
    return list(session.scalars(query if cell_id is None else query.where(Agent.cell_id == cell_id)))


def is_anybody_online(session: Session, cell_id: str, now: datetime) -> bool:
    """Whether an agent of a cell has the desk open."""
    query = select(func.count()).where(Agent.cell_id == cell_id, Agent.is_active, Agent.seen_at > now - ONLINE_FOR)
    return bool(session.scalar(query))


def find_session(session: Session, key_hash: str, now: datetime) -> tuple[AgentSession, Agent] | None:
    """A sign-in that is still good, with its agent."""
    found = session.execute(
        select(AgentSession, Agent)
        .join(Agent, Agent.id == AgentSession.agent_id)
        .where(AgentSession.key_hash == key_hash, AgentSession.expires_at > now, Agent.is_active)
    ).first()
    return (found[0], found[1]) if found else None


def list_sessions(session: Session, agent_id: str, now: datetime) -> list[AgentSession]:
    """The sign-ins of an agent that are still good."""
    query = select(AgentSession).where(AgentSession.agent_id == agent_id, AgentSession.expires_at > now)
    return list(session.scalars(query.order_by(AgentSession.created_at.desc())))


def end_sessions(session: Session, agent_id: str, *, but: str = "", only: str = "") -> None:
    """End the sign-ins of an agent: all, all but one, or one only (by the hash of its key)."""
    query = delete(AgentSession).where(AgentSession.agent_id == agent_id, AgentSession.key_hash != but)
    session.execute(query.where(AgentSession.key_hash == only) if only else query)


def touch(session: Session, agent_id: str, key_hash: str, now: datetime) -> None:
    """An agent's page was heard of."""
    session.execute(update(Agent).where(Agent.id == agent_id).values(seen_at=now))
    session.execute(update(AgentSession).where(AgentSession.key_hash == key_hash).values(seen_at=now))


def find_invitation(session: Session, token_hash: str, now: datetime) -> Invitation | None:
    """An invitation that is still good."""
    query = select(Invitation).where(
        Invitation.token_hash == token_hash, Invitation.expires_at > now, Invitation.used_at.is_(None)
    )
    return session.scalar(query.with_for_update())


def add_audit(session: Session, agent: Agent, action: str, *, now: datetime, subject: str = "", **data: Any) -> None:
    """Write down what a member of staff did."""
    session.add(
        AuditEntry(
            at=now,
            agent_id=agent.id,
            username=agent.username,
            cell_id=agent.cell_id,
            action=action,
            subject=subject,
            data=data,
        )
    )


def list_audit(
    session: Session, *, cell_id: str | None, limit: int = 200, before: int | None = None
) -> list[AuditEntry]:
    """The newest entries of the audit log, of one cell or all."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if cell_id is not None:
        query = query.where(AuditEntry.cell_id == cell_id)
    return list(session.scalars(query if before is None else query.where(AuditEntry.id < before)))


def each_audit(session: Session, *, cell_id: str | None) -> Iterator[AuditEntry]:
    """Every entry of the audit log, the oldest first, of one cell or all."""
    query = select(AuditEntry).order_by(AuditEntry.id)
    yield from session.scalars(
        (query if cell_id is None else query.where(AuditEntry.cell_id == cell_id)).execution_options(yield_per=500)
    )
