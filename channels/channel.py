"""What every channel is: it verifies who speaks, parses what is said, knows its limits, renders an answer, sends it.

A channel never stores, answers or decides: it turns outside data into the types below and ours into the provider's.
That way order, "once" and what is written to a person hold for all channels at one seam. Abilities that only some
channels have are protocols of their own. channels/README.md says in six steps how to add a channel.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from fastapi import APIRouter

from bot.conversations import Message
from bot.deliveries import Receipt
from bot.messages import InboundMessage

Headers = Mapping[str, str]


class Refused(Exception):
    """A request that is not taken: nothing of it is stored. ``key`` names the reason, ``status`` is for HTTP."""

    def __init__(self, key: str, status: int) -> None:
        super().__init__(key)
        self.key = key
        self.status = status


@dataclass
class Arrival:
    """A request before anything of it is believed. The body is read only when asked for, and never beyond its limit."""

    url: str
    headers: Headers
    stream: AsyncIterator[bytes]
    largest: int
    _body: bytes | None = field(default=None, repr=False)

    async def body(self) -> bytes:
        """The whole body; raises Refused once it is larger than the channel takes."""
        if self._body is None:
            declared = self.headers.get("content-length", "")
            if declared.isdigit() and int(declared) > self.largest:
                raise Refused("too_long", 413)
            content = bytearray()
            async for chunk in self.stream:
                content += chunk
                if len(content) > self.largest:
                    raise Refused("too_long", 413)
            self._body = bytes(content)
        return self._body


@dataclass(frozen=True)
class Ignored:
    """Something understood and not for us; ``reason`` is a word for the metrics."""

    reason: str


@dataclass(frozen=True)
class ReachChanged:
    """A person has blocked us, or no longer does."""

    address: str
    is_reachable: bool


@dataclass(frozen=True)
class GroupSpoke:
    """Somebody wrote in a group. Groups are told once that they are not served; nothing said in them is read."""

    address: str


Parsed = InboundMessage | Receipt | ReachChanged | GroupSpoke | Ignored


@dataclass(frozen=True)
class Limits:
    """How much fits. ``count`` measures a text as the provider does."""

    text: int
    body_bytes: int
    buttons: int
    button_title: int
    count: Callable[[str], int] = len


@dataclass(frozen=True)
class Request:
    """One request to a provider: what to call, with what. Made without looking at anything but the message."""

    method: str
    values: Mapping[str, Any]


#: "There is something new": all that a channel is sent whose people look for themselves.
BELL = Request("bell", {})

Outcome = Literal["retry", "slow_down", "uncertain", "window_closed", "stopped", "blocked", "failed"]


class SendFailed(Exception):
    """A send that did not succeed, and what that means.

    ``outcome`` says what to do, ``failure`` is a word of channels/failures.py for the agent. ``uncertain`` means that the
    message may have arrived.
    """

    def __init__(self, outcome: Outcome, failure: str, *, after: float = 0.0) -> None:
        super().__init__(f"{outcome} {failure}")
        self.outcome = outcome
        self.failure = failure
        self.after = after


class Channel(Protocol):
    """The contract of every channel."""

    @property
    def name(self) -> str:
        """The channel's name, as it stands in the database."""
        ...

    @property
    def limits(self) -> Limits:
        """What fits one message."""
        ...

    def router(self) -> APIRouter:
        """The routes under which the channel is reached."""
        ...

    async def verify(self, arrival: Arrival) -> str:
        """Who speaks (or "" where each message says so itself); raises Refused. Nothing is parsed before this."""
        ...

    def parse(self, body: bytes, *, speaker: str, url: str) -> list[Parsed]:
        """What a verified body says; raises Refused for one that is not of this channel."""
        ...

    def render(self, message: Message) -> list[Request]:
        """The requests that bring a message to a person. Pure, and the same each time."""
        ...

    async def send(self, address: str, request: Request) -> str:
        """Carry out one request; returns the provider's id, "" if it gives none. Raises SendFailed."""
        ...


@runtime_checkable
class Paced(Protocol):
    """A channel whose provider limits how fast we may write."""

    def pause(self, address: str) -> float:
        """Take the next place in the queue; returns the seconds until it is ours."""
        ...


@runtime_checkable
class LooksUp(Protocol):
    """A channel that can be asked whether a doubtful message has arrived."""

    async def find_sent(self, address: str, *, since: datetime, known: set[str]) -> str | None:
        """The id of a message to this address that we do not know of, sent since a moment; None if there is none."""
        ...


@runtime_checkable
class FetchesFiles(Protocol):
    """A channel through which files can be sent to us."""

    async def fetch_file(self, reference: str, *, largest: int) -> bytes:
        """The content of a file; raises FileTooLarge, FileGone, or SendFailed to try again."""
        ...


@runtime_checkable
class Acknowledges(Protocol):
    """A channel that shows people that their message is being worked on."""

    async def acknowledge(self, parsed: Sequence[Parsed]) -> None:
        """Show it for what has just been stored; never raises."""
        ...


@runtime_checkable
class ShowsTyping(Protocol):
    """A channel that can say that an answer is being written."""

    async def show_typing(self, address: str) -> None:
        """Say it to one person; never raises."""
        ...


@runtime_checkable
class LinksTo(Protocol):
    """A channel on which a chat with us can be opened by a link that says a word."""

    async def link_with(self, word: str) -> str:
        """The link; "" while it cannot be told. Never raises."""
        ...


@runtime_checkable
class RefusesGroups(Protocol):
    """A channel on which we can be added to groups."""

    async def refuse_group(self, address: str) -> None:
        """Say once that groups are not served, and leave."""
        ...


@runtime_checkable
class Checked(Protocol):
    """A channel whose settings can be checked against its provider."""

    async def check(self) -> Sequence["Finding"]:
        """What is right and what is wrong, and how to mend it."""
        ...


class FileTooLarge(Exception):
    """A file is larger than what we keep."""


class FileGone(Exception):
    """A file can no longer be fetched."""


@dataclass(frozen=True)
class Finding:
    """One line of `dalil doctor`."""

    is_good: bool
    what: str
    mend: str = ""


#: How a channel hands over what it has parsed: stored when it returns.
Accept = Callable[[Sequence[Parsed]], Awaitable[None]]
