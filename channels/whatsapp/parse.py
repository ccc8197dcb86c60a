"""From Twilio's form to what it says. Everything in it is untrusted and is tamed here, field by field.

What Twilio adds beside the message (the profile's name, the address of a place) is not taken over.
"""

import re
from typing import Annotated
from urllib.parse import parse_qs, parse_qsl, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import ImmutableMultiDict

from bot.deliveries import Receipt, State
from bot.messages import Coordinates, InboundMessage, Media, MediaKind
from channels.channel import Ignored, Parsed, Refused
from channels.whatsapp.codes import failure_of_code

NAME = "whatsapp"

Form = ImmutableMultiDict[str, str]

_MOST_FIELDS = 200
_MOST_MEDIA = 10
_OUR_TOKEN = re.compile(r"^[A-Za-z0-9_-]{22}$")
_FILE_NAME = re.compile(r"^[^\n]{1,200}\.[A-Za-z0-9]{2,5}$")
_OUR_ID = re.compile(r"^[0-9]{1,18}$")
_COMMAND_OF_OPT_OUT = {"STOP": "stop", "START": "start", "HELP": "help"}
_STATE_OF_STATUS: dict[str, State] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "undelivered": "failed",
}

Sid = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{2,64}$")]
Address = Annotated[str, Field(max_length=200)]


class _Arrived(BaseModel):
    model_config = ConfigDict(extra="ignore")
    MessageSid: Sid
    AccountSid: Sid
    From: Address = ""
    To: Address = ""
    Body: str = ""
    NumMedia: Annotated[int, Field(ge=0, le=100)] = 0
    Latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    Longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    ButtonPayload: Annotated[str, Field(max_length=256)] = ""
    ListId: Annotated[str, Field(max_length=256)] = ""
    ExternalUserId: Annotated[str, Field(max_length=160)] = ""
    OptOutType: Annotated[str, Field(max_length=20)] = ""


class _Status(BaseModel):
    model_config = ConfigDict(extra="ignore")
    MessageSid: Sid
    AccountSid: Sid
    MessageStatus: Annotated[str, Field(max_length=30)]
    ErrorCode: Annotated[str, Field(max_length=10)] = ""


def parse_form(body: bytes) -> Form:
    """The fields of a body; raises Refused for what is not a form."""
    try:
        fields = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            max_num_fields=_MOST_FIELDS,
            encoding="utf-8",
            errors="strict",
        )
    except ValueError as error:
        raise Refused("not_understood", 400) from error
    return ImmutableMultiDict(fields)


def parse_message(form: Form, *, account_sid: str, number: str) -> Parsed:
    """What a message says. Never an error: what is odd is ignored by name."""
    try:
        arrived = _Arrived.model_validate({key: value for key, value in form.items() if value != ""})
    except ValidationError:
        return _salvaged(form, account_sid=account_sid, number=number)
    if arrived.AccountSid != account_sid or arrived.To != number:
        return Ignored("not_ours")
    account = f"account:{arrived.ExternalUserId}" if arrived.ExternalUserId else ""
    address = arrived.From or (f"whatsapp:{arrived.ExternalUserId}" if account else "")
    if not address.startswith("whatsapp:") or address == number:
        return Ignored("no_sender")
    pin = _pin(arrived)
    pressed = arrived.ButtonPayload or arrived.ListId
    is_ours = bool(_OUR_TOKEN.match(pressed))
    media = _media(form, min(arrived.NumMedia, _MOST_MEDIA))
    # The name of a document comes as if it were said, and may be somebody's name.
    is_name = bool(media) and media[0].kind == "document" and bool(_FILE_NAME.match(arrived.Body))
    return InboundMessage(
        channel=NAME,
        provider_id=arrived.MessageSid,
        address=address,
        text="" if is_ours or pin or is_name else arrived.Body,
        token=pressed if is_ours else "",
        command=_COMMAND_OF_OPT_OUT.get(arrived.OptOutType.upper(), ""),
        coordinates=pin,
        media=media,
        also_known_as=(account,) if account else (),
    )


def _salvaged(form: Form, *, account_sid: str, number: str) -> Parsed:
    """A message that is odd in itself, but whose sender is plain, is answered all the same: never silence."""
    frame = {key: form.get(key) or "" for key in ("MessageSid", "AccountSid", "From", "To")}
    try:
        arrived = _Arrived.model_validate(frame)
    except ValidationError:
        return Ignored("malformed")
    if arrived.AccountSid != account_sid or arrived.To != number or not arrived.From.startswith("whatsapp:"):
        return Ignored("malformed")
    return InboundMessage(channel=NAME, provider_id=arrived.MessageSid, address=arrived.From, media=(Media("other"),))


def parse_status(form: Form, *, account_sid: str, url: str) -> Parsed:
    """What has become of a message of ours."""
    try:
        status = _Status.model_validate(dict(form.items()))
    except ValidationError:
        return Ignored("malformed")
    state = _STATE_OF_STATUS.get(status.MessageStatus)
    if status.AccountSid != account_sid or state is None:
        return Ignored("status")
    ours = parse_qs(urlsplit(url).query).get("message", [""])[0]
    failure = failure_of_code(status.ErrorCode).failure if state == "failed" else ""
    return Receipt(
        channel=NAME,
        provider_id=status.MessageSid,
        state=state,
        failure=failure,
        message_id=int(ours) if _OUR_ID.match(ours) else 0,
    )


def _pin(arrived: _Arrived) -> Coordinates | None:
    if arrived.Latitude is None or arrived.Longitude is None:
        return None
    return Coordinates(arrived.Latitude, arrived.Longitude)


def _media(form: Form, count: int) -> tuple[Media, ...]:
    found = []
    for number in range(count):
        kind = _kind(form.get(f"MediaContentType{number}") or "")
        address = form.get(f"MediaUrl{number}") or ""
        found.append(Media(kind, address if kind in ("voice", "photo", "document") else ""))
    return tuple(found)


def _kind(content_type: str) -> MediaKind:
    """What a type stands for. Only a first guess: what is kept is judged by its bytes."""
    content_type = content_type.split(";", maxsplit=1)[0].strip().lower()
    if content_type in ("text/vcard", "text/x-vcard", "text/directory"):
        return "contact"
    if content_type == "image/webp":
        return "sticker"
    by_family: dict[str, MediaKind] = {
        "audio": "voice",
        "image": "photo",
        "video": "video",
        "application": "document",
        "text": "document",
    }
    return by_family.get(content_type.split("/")[0], "other")
