"""Who is speaking on the page: a signed, random session in a cookie that scripts cannot read. No account, no name."""

import secrets
from dataclasses import dataclass

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner

COOKIE = "dalil_session"


class SessionInvalid(Exception):
    """No session, a forged one, or one that has expired."""


@dataclass(frozen=True)
class Sessions:
    """Makes and verifies sessions. ``days`` is how long one is recognised."""

    secret_key: str
    days: int

    def new(self) -> str:
        """A cookie value for a new person."""
        return self._signer().sign(secrets.token_urlsafe(18)).decode()

    def verify(self, value: str | None) -> str:
        """The address inside a cookie value; raises SessionInvalid."""
        if not value:
            raise SessionInvalid("missing")
        try:
            return self._signer().unsign(value, max_age=self.days * 86400).decode()
        except SignatureExpired as error:
            raise SessionInvalid("expired") from error
        except BadSignature as error:
            raise SessionInvalid("forged") from error

    def _signer(self) -> TimestampSigner:
        return TimestampSigner(self.secret_key, salt="dalil.web.session")
