"""From an update of the Bot API to what it says. Everything in it is untrusted and is tamed here, field by field.

Only private chats are read. Whatever else Telegram may send, now or later, is ignored by name and never an error.
"""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.messages import Coordinates, InboundMessage, Media, MediaKind
from channels.channel import GroupSpoke, Ignored, Parsed, ReachChanged, Refused

NAME = "telegram"

#: What we ask Telegram for; the rest is still understood if it comes.
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

#: Commands of the menu, which are ours (channels/commands.py); any other "/word" is a person's text.
MENU = ("start", "help", "person", "language", "privacy", "mydata", "delete", "link", "stop")

#: What a word begins with that a link to the bot carries; any other is nothing to us.
DEEP_WORD = "desk-"

_GONE = ("kicked", "left")

Identifier = Annotated[int, Field(ge=-(2**63), lt=2**63)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Chat(_Part):
    id: Identifier
    type: str = ""


class _User(_Part):
    id: Identifier
    is_bot: bool = False
    language_code: Annotated[str, Field(max_length=35)] | None = None


class _Location(_Part):
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class _Venue(_Part):
    location: _Location


class _Sent(_Part):
    file_id: Annotated[str, Field(max_length=256)] = ""
    file_size: Annotated[int, Field(ge=0)] = 0


class _Message(_Part):
    message_id: Identifier
    date: Annotated[int, Field(ge=0, lt=2**40)] = 0
    edit_date: Annotated[int, Field(ge=0, lt=2**40)] | None = None
    chat: _Chat
    from_user: Annotated[_User | None, Field(alias="from")] = None
    text: str | None = None
    caption: str | None = None
    location: _Location | None = None
    venue: _Venue | None = None
    voice: _Sent | None = None
    audio: _Sent | None = None
    document: _Sent | None = None
    photo: list[_Sent] | None = None
    #: Whatever else the message holds, by name only.
    held: frozenset[str] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def name_what_is_held(cls, data: Any) -> Any:
        """Note which fields are there, so that what we do not know is answered and not overlooked."""
        return {**data, "held": frozenset(map(str, data))} if isinstance(data, dict) else data


class _Frame(_Part):
    """A message without its content."""

    message_id: Identifier
    chat: _Chat
    from_user: Annotated[_User, Field(alias="from")]


class _Member(_Part):
    status: str = ""


class _MemberChange(_Part):
    chat: _Chat
    from_user: Annotated[_User | None, Field(alias="from")] = None
    new_chat_member: _Member


class _Tap(_Part):
    id: Annotated[str, Field(min_length=1, max_length=64)]
    from_user: Annotated[_User, Field(alias="from")]
    data: Annotated[str, Field(max_length=64)] | None = None


class _Update(_Part):
    update_id: Identifier
    message: _Message | None = None
    edited_message: _Message | None = None
    callback_query: _Tap | None = None
    my_chat_member: _MemberChange | None = None


#: Kinds of message without words that people send on purpose, by field; each gets an answer.
_WORDLESS: dict[str, MediaKind] = {
    "video": "video",
    "video_note": "video",
    "animation": "video",
    "sticker": "sticker",
    "contact": "contact",
    "poll": "other",
    "dice": "other",
    "game": "other",
    "story": "other",
    "checklist": "other",
    "paid_media": "other",
    "invoice": "other",
    "giveaway": "other",
}


def parse_update(body: bytes) -> list[Parsed]:
    """What an update says; raises Refused for what is not an update at all."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused("not_understood", 400) from error
    if not isinstance(data, dict) or not isinstance(data.get("update_id"), int):
        raise Refused("not_understood", 400)
    return [parse_update_data(data)]


def parse_update_data(data: dict[str, Any]) -> Parsed:
    """What an update says, read from its JSON. Never an error: what is odd is ignored."""
    try:
        update = _Update.model_validate(data)
    except ValidationError:
        return _salvaged(data)
    if update.callback_query is not None:
        return _tapped(update.update_id, update.callback_query)
    if update.my_chat_member is not None:
        return _member_changed(update.my_chat_member)
    if update.message is not None:
        return _said(update.update_id, update.message, is_edit=False)
    if update.edited_message is not None:
        return _said(update.update_id, update.edited_message, is_edit=True)
    kinds = sorted(key for key in data if key != "update_id" and isinstance(key, str))
    return Ignored(kinds[0] if kinds and kinds[0] in _KNOWN_KINDS else "unknown")


def _salvaged(data: dict[str, Any]) -> Parsed:
    """A message that is odd in itself, but whose sender is plain, is answered all the same: never silence."""
    try:
        frame = _Frame.model_validate(data.get("message"))
    except ValidationError:
        return Ignored("malformed")
    if frame.chat.type != "private" or frame.from_user.is_bot:
        return Ignored("malformed")
    return InboundMessage(
        channel=NAME,
        provider_id=f"{data['update_id']}:{frame.message_id}"[:128],
        address=str(frame.from_user.id),
        media=(Media("other"),),
        language_hint=frame.from_user.language_code,
        sequence=frame.message_id,
    )


_KNOWN_KINDS = frozenset(
    "business_connection business_message channel_post chat_boost chat_join_request chat_member chosen_inline_result"
    " deleted_business_messages edited_business_message edited_channel_post inline_query message_reaction"
    " message_reaction_count poll poll_answer pre_checkout_query purchased_paid_media removed_chat_boost"
    " shipping_query".split()
)


def _tapped(update_id: int, tap: _Tap) -> Parsed:
    return InboundMessage(
        channel=NAME,
        provider_id=f"{update_id}:{tap.id}"[:128],
        address=str(tap.from_user.id),
        token=tap.data or "-",  # a button that is not ours is unknown, and its presser is told so
        language_hint=tap.from_user.language_code,
    )


def _member_changed(change: _MemberChange) -> Parsed:
    if change.chat.type != "private":
        added = change.new_chat_member.status not in _GONE
        return GroupSpoke(str(change.chat.id)) if added and change.chat.type != "channel" else Ignored("group")
    return ReachChanged(str(change.chat.id), is_reachable=change.new_chat_member.status not in _GONE)


def _said(update_id: int, message: _Message, *, is_edit: bool) -> Parsed:
    if message.chat.type in ("group", "supergroup"):
        return GroupSpoke(str(message.chat.id))
    if message.chat.type != "private" or message.from_user is None or message.from_user.is_bot:
        return Ignored("not_private")
    words, pin, media = _content(message)
    if words is None and pin is None and not media:
        return Ignored("service")
    if is_edit and pin is not None:
        return Ignored("live_location")  # the first pin was answered; where somebody walks is not ours to follow
    command = _command(words or "")
    return InboundMessage(
        channel=NAME,
        provider_id=f"{update_id}:{message.message_id}",
        address=str(message.from_user.id),
        text="" if command else words or "",
        command=command,
        coordinates=Coordinates(pin.latitude, pin.longitude) if pin else None,
        media=media,
        language_hint=message.from_user.language_code,
        sent_at=datetime.fromtimestamp(message.edit_date or message.date, UTC) if message.date else None,
        sequence=message.message_id,
        is_edit=is_edit,
    )


def _content(message: _Message) -> tuple[str | None, _Location | None, tuple[Media, ...]]:
    words = message.text if message.text is not None else message.caption
    pin = message.location or (message.venue.location if message.venue else None)
    if pin is not None:
        return words, pin, ()
    if sent := message.voice or message.audio:
        return words, None, (Media("voice", sent.file_id, sent.file_size),)
    if message.photo:
        largest = max(message.photo, key=lambda size: size.file_size)
        return words, None, (Media("photo", largest.file_id, largest.file_size),)
    # An animation comes with a document beside it; it is a moving picture all the same.
    if message.document is not None and "animation" not in message.held:
        return words, None, (Media("document", message.document.file_id, message.document.file_size),)
    kind = next((_WORDLESS[name] for name in sorted(message.held) if name in _WORDLESS), None)
    return words, None, (Media(kind),) if kind else ()


def _command(words: str) -> str:
    if not words.startswith("/"):
        return ""
    name, *more = words[1:].split(maxsplit=1) or [""]
    name = name.split("@", maxsplit=1)[0].lower()
    # A link to the bot that carries a word arrives as "/start word".
    return name if name in MENU and not (name == "start" and more and more[0].startswith(DEEP_WORD)) else ""
