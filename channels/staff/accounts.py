"""Agents' accounts: argon2 passwords, sessions that can be revoked and belong to one browser, a pause after failed attempts."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from pwdlib import PasswordHash
from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.cases import staff_queries
from bot.cases.staff import Agent, AgentSession, Role
from bot.secrets import new_id

SESSION_TIME = timedelta(hours=12)
#: How long the second factor is waited for.
SECOND_FACTOR_TIME = timedelta(minutes=5)
MOST_ATTEMPTS = 5
LOCK_TIME = timedelta(minutes=15)
SHORTEST_PASSWORD = 12

#: Those that call themselves by the names of others come first.
_BROWSERS = ("Firefox", "Edg", "OPR", "SamsungBrowser", "Chrome", "Safari")
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux")
_USERNAME = re.compile(r"^[a-z0-9][a-z0-9._-]{2,39}$")


class PasswordTooShort(ValueError):
    """A password of fewer characters than we accept."""


class UsernameInvalid(ValueError):
    """A user name of other than 3 to 40 small letters, digits, dots, dashes; or one that is taken."""


@dataclass(frozen=True)
class SignedIn:
    """An agent at the desk, with the token that their forms must carry."""

    agent: Agent
    form_token: str
    key_hash: str = ""


@dataclass(frozen=True)
class SignIn:
    """A session that was begun. ``needs_code``: its key opens nothing before the second factor is given."""

    key: str
    needs_code: bool


def add_agent(
    session: Session,
    *,
    username: str,
    password: str,
    cell_id: str,
    language: str,
    now: datetime,
    roles: Iterable[Role] = ("agent",),
) -> Agent:
    """Add an account; raises PasswordTooShort, UsernameInvalid."""
    check_password(password)
    if not _USERNAME.match(username) or staff_queries.find_agent(session, username) is not None:
        raise UsernameInvalid(username)
    agent = Agent(
        id=new_id(),
        username=username,
        password_hash=_hasher().hash(password),
        cell_id=cell_id,
        roles=sorted(set(roles)),
        language=language,
        is_active=True,
        failed_attempts=0,
        sealed_totp="",
        totp_last_step=0,
        created_at=now,
    )
    session.add(agent)
    return agent


def sign_in(session: Session, *, username: str, password: str, browser: str = "", now: datetime) -> SignIn | None:
    """A new session, or None. A wrong name takes as long as a wrong password and says as little."""
    agent = staff_queries.find_agent(session, username)
    if agent is None or not agent.is_active:
        _hasher().verify(password, _decoy_hash())
        return None
    if agent.locked_until and agent.locked_until > now:
        return None
    if not _hasher().verify(password, agent.password_hash):
        count_failure(session, agent, now)
        return None
    needs_code = agent.totp_since is not None
    if not needs_code:
        _welcome(session, agent, now)
    return SignIn(_begin(session, agent, browser, is_complete=not needs_code, now=now), needs_code)


def complete(session: Session, agent: Agent, key: str, now: datetime) -> str:
    """The second factor was given: a new key in place of the one that opened nothing."""
    found = staff_queries.find_session(session, _hash(key), now)
    browser = found[0].browser_hash if found else ""
    name = found[0].browser if found else ""
    session.execute(delete(AgentSession).where(AgentSession.key_hash == _hash(key)))
    _welcome(session, agent, now)
    return _store(session, agent, browser_name=name, browser_hash=browser, is_complete=True, now=now)


def count_failure(session: Session, agent: Agent, now: datetime) -> None:
    """A wrong password or code; after a few the account pauses."""
    agent.failed_attempts += 1
    if agent.failed_attempts >= MOST_ATTEMPTS:
        agent.locked_until, agent.failed_attempts = now + LOCK_TIME, 0
        staff_queries.add_audit(session, agent, "locked", now=now)


def find_signed_in(
    session: Session, key: str | None, now: datetime, *, browser: str = "", is_complete: bool = True
) -> SignedIn | None:
    """Who holds this session key, in the browser that it was given to."""
    found = staff_queries.find_session(session, _hash(key), now) if key else None
    if found is None or found[0].is_complete != is_complete:
        return None
    if not secrets.compare_digest(found[0].browser_hash, _hash(browser)):
        return None
    return SignedIn(found[1], found[0].form_token, found[0].key_hash)


def is_stolen(session: Session, key: str | None, now: datetime, *, browser: str) -> Agent | None:
    """The agent whose good key came from another browser than it was given to."""
    found = staff_queries.find_session(session, _hash(key), now) if key else None
    if found is None or secrets.compare_digest(found[0].browser_hash, _hash(browser)):
        return None
    return found[1]


def sign_out(session: Session, key: str | None) -> None:
    """Revoke a session."""
    if key:
        session.execute(delete(AgentSession).where(AgentSession.key_hash == _hash(key)))


def change_password(session: Session, agent: Agent, *, old: str, new: str, keep: str, now: datetime) -> bool:
    """Change a password and end every other session; False if the old one is wrong. Raises PasswordTooShort."""
    check_password(new)
    if not _hasher().verify(old, agent.password_hash):
        return False
    agent.password_hash = _hasher().hash(new)
    staff_queries.end_sessions(session, agent.id, but=keep)
    staff_queries.add_audit(session, agent, "password_changed", now=now)
    return True


def check_password(password: str) -> None:
    """Raise PasswordTooShort."""
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort(str(SHORTEST_PASSWORD))


def is_own_form(signed_in: SignedIn, token: str) -> bool:
    """Whether a form was made for this session."""
    return secrets.compare_digest(signed_in.form_token.encode(), token.encode())


def browser_name(user_agent: str) -> str:
    """A browser in two words, for the list of sessions: "Firefox 140, Android"."""
    versions = (re.search(rf"({name})/(\d{{1,4}})", user_agent) for name in _BROWSERS)
    names = [f"{found[1]} {found[2]}" for found in versions if found][:1]
    names += [name for name in _SYSTEMS if name in user_agent][:1]
    return ", ".join(names)[:60]


def _welcome(session: Session, agent: Agent, now: datetime) -> None:
    agent.failed_attempts, agent.locked_until, agent.seen_at = 0, None, now
    staff_queries.add_audit(session, agent, "signed_in", now=now)


def _begin(session: Session, agent: Agent, browser: str, *, is_complete: bool, now: datetime) -> str:
    return _store(
        session,
        agent,
        browser_name=browser_name(browser),
        browser_hash=_hash(browser),
        is_complete=is_complete,
        now=now,
    )


def _store(
    session: Session, agent: Agent, *, browser_name: str, browser_hash: str, is_complete: bool, now: datetime
) -> str:
    key = secrets.token_urlsafe(32)
    session.add(
        AgentSession(
            key_hash=_hash(key),
            agent_id=agent.id,
            form_token=secrets.token_urlsafe(24),
            browser=browser_name,
            browser_hash=browser_hash,
            is_complete=is_complete,
            created_at=now,
            seen_at=now,
            expires_at=now + (SESSION_TIME if is_complete else SECOND_FACTOR_TIME),
        )
    )
    return key


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _decoy_hash() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))
