"""Messages as the middle of the house knows them: typed, free of any channel."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Coordinates:
    """A pin somebody sent. Lives only until the commune is found; never stored, never logged."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class InboundMessage:
    """One message from a person, already verified and parsed by its channel.

    Exactly one of ``text``, ``token``, ``place_id`` and ``coordinates`` is set; ``token`` is an opaque button token of
    ours, ``place_id`` a commune chosen from our list.
    """

    channel: str
    provider_id: str
    address: str
    text: str = ""
    token: str = ""
    place_id: str = ""
    coordinates: Coordinates | None = None
    language_hint: str | None = None


@dataclass(frozen=True)
class Button:
    """A choice offered with a message. ``payload`` is ours and never leaves the house: people get a token for it."""

    title: str
    payload: str


@dataclass(frozen=True)
class OutboundMessage:
    """One message to a person. ``asks_place`` lets a channel offer its commune list or location pin."""

    text: str
    buttons: tuple[Button, ...] = field(default_factory=tuple)
    asks_place: bool = False
    language: str = ""


def pack(messages: list[OutboundMessage], *, limit: int) -> list[OutboundMessage]:
    """Join the messages of one turn into as few as fit ``limit`` characters, buttons gathered on the last.

    A message longer than the limit is split at a paragraph, line, sentence or space, in that order of preference.
    """
    packed: list[OutboundMessage] = []
    for message in messages:
        last = packed[-1] if packed else None
        if last is not None and len(last.text) + 2 + len(message.text) <= limit:
            packed[-1] = OutboundMessage(
                text="\n\n".join(part for part in (last.text, message.text) if part),
                buttons=last.buttons + message.buttons,
                asks_place=last.asks_place or message.asks_place,
                language=message.language or last.language,
            )
            continue
        *heads, tail = _split(message.text, limit)
        packed += [OutboundMessage(text=head, language=message.language) for head in heads]
        packed.append(OutboundMessage(tail, message.buttons, message.asks_place, message.language))
    return packed


def _split(text: str, limit: int) -> list[str]:
    parts = []
    while len(text) > limit:
        window = text[:limit]
        cut = limit
        for mark in ("\n\n", "\n", ". ", "\u061f ", " "):
            at = window.rfind(mark)
            if at > limit // 2:
                cut = at + len(mark)
                break
        parts.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*parts, text]
