"""Messages as the middle of the house knows them: typed, free of any channel."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

#: What a message can hold beside words. The first three can be kept for an agent, the others cannot.
MediaKind = Literal["voice", "photo", "document", "video", "sticker", "contact", "other"]


@dataclass(frozen=True)
class Coordinates:
    """A pin somebody sent. Lives only until the commune is found; never stored, never logged."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Media:
    """Something sent that is not words. ``reference`` is what the channel needs to fetch it; no name is taken over."""

    kind: MediaKind
    reference: str = ""
    size: int = 0


@dataclass(frozen=True)
class InboundMessage:
    """One message from a person, already verified and parsed by its channel.

    ``token`` is an opaque button token of ours, ``place_id`` a commune chosen from our list, ``command`` a name from
    the closed list in channels/commands.py. ``also_known_as`` holds further addresses of the same account, the most
    lasting first. ``sequence`` orders messages that carry the same time. An edited message names what it replaces.
    """

    channel: str
    provider_id: str
    address: str
    text: str = ""
    token: str = ""
    place_id: str = ""
    command: str = ""
    coordinates: Coordinates | None = None
    media: tuple[Media, ...] = ()
    language_hint: str | None = None
    also_known_as: tuple[str, ...] = ()
    sent_at: datetime | None = None
    sequence: int = 0
    is_edit: bool = False


@dataclass(frozen=True)
class Button:
    """A choice offered with a message. ``payload`` is ours and never leaves the house: people get a token for it."""

    title: str
    payload: str


@dataclass(frozen=True)
class OutboundMessage:
    """One message to a person. ``asks_place`` lets a channel offer its commune list or location pin.

    ``notice`` names a message of the gateway itself (channels/notices.py), which has rules of its own.
    """

    text: str
    buttons: tuple[Button, ...] = field(default_factory=tuple)
    asks_place: bool = False
    language: str = ""
    notice: str = ""


def pack(messages: list[OutboundMessage], *, limit: int, count: Callable[[str], int] = len) -> list[OutboundMessage]:
    """Join the messages of one turn into as few as fit ``limit``, buttons gathered on the last.

    ``count`` says how long the channel takes a text to be. A message longer than the limit is split at a paragraph,
    line, sentence or space, in that order of preference.
    """
    packed: list[OutboundMessage] = []
    for message in messages:
        last = packed[-1] if packed else None
        joined = "\n\n".join(part for part in (last.text, message.text) if part) if last else ""
        if last is not None and count(joined) <= limit:
            packed[-1] = replace(
                last,
                text=joined,
                buttons=last.buttons + message.buttons,
                asks_place=last.asks_place or message.asks_place,
                language=message.language or last.language,
            )
            continue
        *heads, tail = split(message.text, limit=limit, count=count)
        packed += [OutboundMessage(text=head, language=message.language) for head in heads]
        packed.append(replace(message, text=tail))
    return packed


def split(text: str, *, limit: int, count: Callable[[str], int] = len) -> list[str]:
    """A text in parts that fit. A part ends where a reader would pause, in either direction of writing."""
    parts = []
    while count(text) > limit:
        room = _room(text, limit, count)
        window, cut = text[:room], room
        for mark in ("\n\n", "\n", ". ", "\u061f ", "? ", "\u061b ", " "):
            at = window.rfind(mark)
            if at > room // 2:
                cut = at + len(mark)
                break
        parts.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*parts, text]


def _room(text: str, limit: int, count: Callable[[str], int]) -> int:
    """How many letters from the front fit; at least one, so that splitting always ends."""
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(text[:middle]) <= limit else (low, middle - 1)
    return low
