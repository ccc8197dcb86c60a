"""The second factor: six digits from an app on the agent's telephone (TOTP, RFC 6238). A code is good once."""

from datetime import datetime

import pyotp
import segno
from markupsafe import Markup
from sqlalchemy.orm import Session

from bot.cases import staff_queries
from bot.cases.staff import Agent
from bot.secrets import AddressBook
from channels.staff.accounts import count_failure

_ISSUER = "Dalil"
_STEP_SECONDS = 30
#: Steps before and after the present one that are good too: clocks of telephones are never quite right.
_STEPS_OFF = 1


def begin(session: Session, book: AddressBook, agent: Agent) -> str:
    """A new secret for an agent, kept sealed; it counts from the first good code."""
    secret = pyotp.random_base32()
    agent.sealed_totp, agent.totp_since, agent.totp_last_step = book.seal(secret), None, 0
    return secret


def qr_code(agent: Agent, secret: str) -> Markup:
    """The picture that the app reads."""
    address = pyotp.TOTP(secret).provisioning_uri(name=agent.username, issuer_name=_ISSUER)
    return Markup(segno.make(address, error="m").svg_inline(scale=4, border=2))  # noqa: S704 - made here, of our own data


def confirm(session: Session, book: AddressBook, agent: Agent, code: str, now: datetime) -> bool:
    """Turn the second factor on with the first good code."""
    if not agent.sealed_totp or not _is_good(book, agent, code, now):
        return False
    agent.totp_since = now
    staff_queries.add_audit(session, agent, "second_factor_on", now=now)
    return True


def check(session: Session, book: AddressBook, agent: Agent, code: str, now: datetime) -> bool:
    """Whether a code is good; a wrong one counts like a wrong password."""
    if agent.locked_until and agent.locked_until > now:
        return False
    if _is_good(book, agent, code, now):
        return True
    count_failure(session, agent, now)
    return False


def turn_off(session: Session, agent: Agent, *, by: Agent, now: datetime) -> None:
    """Take the second factor away: by its owner, or by an administrator for somebody who lost their telephone."""
    agent.sealed_totp, agent.totp_since, agent.totp_last_step = "", None, 0
    staff_queries.add_audit(session, by, "second_factor_off", now=now, subject=agent.username)


def _is_good(book: AddressBook, agent: Agent, code: str, now: datetime) -> bool:
    digits = "".join(letter for letter in code if letter.isdecimal())
    totp, present = pyotp.TOTP(book.unseal(agent.sealed_totp)), int(now.timestamp()) // _STEP_SECONDS
    for step in range(present - _STEPS_OFF, present + _STEPS_OFF + 1):
        if step > agent.totp_last_step and pyotp.utils.strings_equal(digits, totp.at(step * _STEP_SECONDS)):
            agent.totp_last_step = step
            return True
    return False
