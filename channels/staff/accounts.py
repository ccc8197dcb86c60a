"""Agents' accounts: argon2 passwords, sessions that can be revoked, a pause after failed attempts."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from pwdlib import PasswordHash
from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.cases import staff_queries as repository
from bot.cases.staff import Agent, AgentSession
from bot.secrets import new_id

SESSION_TIME = timedelta(hours=12)
MOST_ATTEMPTS = 5
LOCK_TIME = timedelta(minutes=15)
SHORTEST_PASSWORD = 12


class PasswordTooShort(ValueError):
    """A password of fewer characters than we accept."""


@dataclass(frozen=True)
class SignedIn:
    """An agent at the desk, with the token that their forms must carry."""

    agent: Agent
    form_token: str


def add_agent(session: Session, *, username: str, password: str, cell_id: str, language: str, now: datetime) -> Agent:
    """Add an account; raises PasswordTooShort."""
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort(str(SHORTEST_PASSWORD))
    agent = Agent(
        id=new_id(),
        username=username,
        password_hash=_hasher().hash(password),
        cell_id=cell_id,
        language=language,
        is_active=True,
        failed_attempts=0,
        created_at=now,
    )
    session.add(agent)
    return agent


def sign_in(session: Session, *, username: str, password: str, now: datetime) -> str | None:
    """The key of a new session, or None. A wrong name takes as long as a wrong password and says as little."""
    agent = repository.find_agent(session, username)
    if agent is None or not agent.is_active:
        _hasher().verify(password, _decoy_hash())
        return None
    if agent.locked_until and agent.locked_until > now:
        return None
    if not _hasher().verify(password, agent.password_hash):
        agent.failed_attempts += 1
        if agent.failed_attempts >= MOST_ATTEMPTS:
            agent.locked_until, agent.failed_attempts = now + LOCK_TIME, 0
        return None
    agent.failed_attempts, agent.locked_until = 0, None
    key = secrets.token_urlsafe(32)
    session.add(
        AgentSession(
            key_hash=_hash(key),
            agent_id=agent.id,
            form_token=secrets.token_urlsafe(24),
            created_at=now,
            expires_at=now + SESSION_TIME,
        )
    )
    return key


def find_signed_in(session: Session, key: str | None, now: datetime) -> SignedIn | None:
    """Who holds this session key."""
    found = repository.find_session(session, _hash(key), now) if key else None
    return SignedIn(found[1], found[0].form_token) if found else None


def sign_out(session: Session, key: str | None) -> None:
    """Revoke a session."""
    if key:
        session.execute(delete(AgentSession).where(AgentSession.key_hash == _hash(key)))


def is_own_form(signed_in: SignedIn, token: str) -> bool:
    """Whether a form was made for this session."""
    return secrets.compare_digest(signed_in.form_token, token)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _decoy_hash() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))
