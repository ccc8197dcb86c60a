"""Twilio's own client, on threads of its own, each with a connection of its own; its addresses can be another server's."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from channels.channel import SendFailed
from channels.whatsapp.codes import failure_of_code

_TIMEOUT_SECONDS = 12.0
_THREADS = 16

_TOO_MANY = 429
_SERVER_ERROR = 500

T = TypeVar("T")


class _Http(TwilioHttpClient):  # type: ignore[misc]
    """One session a thread, and Twilio's addresses replaced by ours if one is set."""

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")
        self._own = threading.local()
        super().__init__(timeout=_TIMEOUT_SECONDS)

    @property
    def session(self) -> requests.Session:
        """The session of this thread."""
        if not hasattr(self._own, "session"):
            self._own.session = requests.Session()
        found: requests.Session = self._own.session
        return found

    @session.setter
    def session(self, value: requests.Session | None) -> None:
        self._own.session = value or requests.Session()

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """Make a request; the address is ours if one is set."""
        if self._base:
            parts = urlsplit(url)
            url = f"{self._base}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        return super().request(method, url, *args, **kwargs)


class TwilioAccount:
    """Calls to Twilio that can be awaited. What fails comes out as SendFailed."""

    def __init__(self, account_sid: str, auth_token: str, *, base: str) -> None:
        self.client = Client(account_sid, auth_token, http_client=_Http(base))
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="twilio")

    async def call(self, function: Callable[[Client], T]) -> T:
        """Run a call of the client on a thread."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, function, self.client)
        except (TwilioException, requests.RequestException) as error:
            raise explain(error) from error

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def explain(error: Exception) -> SendFailed:
    """What an error of Twilio or of the line means for a message."""
    if isinstance(error, TwilioRestException):
        if error.status == _TOO_MANY:
            return SendFailed("slow_down", "too_fast", after=2.0)
        if error.status >= _SERVER_ERROR:
            return SendFailed("uncertain", "broken_off")
        meaning = failure_of_code(error.code)
        after = 300.0 if meaning.failure == "settings" else 0.0
        return SendFailed(meaning.outcome, meaning.failure, after=after)
    if isinstance(error, requests.ConnectTimeout) or _never_left(error):
        return SendFailed("retry", "provider_down")
    return SendFailed("uncertain", "broken_off")


def _never_left(error: Exception) -> bool:
    """Whether no connection was made at all: urllib3 says so by its kind of error."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return type(reason).__name__ in ("NewConnectionError", "ConnectTimeoutError", "NameResolutionError")
