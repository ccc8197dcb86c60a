"""Invitations: a link with which somebody makes their own account, once, for some days. Only its hash is stored."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.cases import staff_queries
from bot.cases.staff import Agent, Invitation, Role
from channels.staff import accounts

GOOD_FOR = timedelta(days=7)


def invite(session: Session, *, by: Agent, cell_id: str, roles: Iterable[Role], language: str, now: datetime) -> str:
    """The token of a new invitation."""
    token = secrets.token_urlsafe(24)
    session.add(
        Invitation(
            token_hash=_hash(token),
            cell_id=cell_id,
            roles=sorted(set(roles)),
            language=language,
            invited_by=by.id,
            created_at=now,
            expires_at=now + GOOD_FOR,
        )
    )
    staff_queries.add_audit(session, by, "invited", now=now, subject=cell_id, roles=sorted(set(roles)))
    return token


def find(session: Session, token: str, now: datetime) -> Invitation | None:
    """The invitation behind a token, if it is still good."""
    return staff_queries.find_invitation(session, _hash(token), now)


def accept(session: Session, invitation: Invitation, *, username: str, password: str, now: datetime) -> Agent:
    """Make the account and use up the invitation; raises PasswordTooShort, UsernameInvalid."""
    agent = accounts.add_agent(
        session,
        username=username,
        password=password,
        cell_id=invitation.cell_id,
        language=invitation.language,
        roles=invitation.roles,  # type: ignore[arg-type]
        now=now,
    )
    invitation.used_at = now
    session.flush()
    staff_queries.add_audit(session, agent, "joined", now=now)
    return agent


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
