"""From the page's JSON to an InboundMessage. Everything in it is untrusted and is tamed here, field by field."""

import hashlib
import json
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.messages import Coordinates, InboundMessage

NAME = "web"

#: Bytes of one request that are read at all.
MAX_BODY = 1_000_000


class BodyInvalid(ValueError):
    """The page sent something that is not a message."""


class _Location(BaseModel):
    model_config = ConfigDict(extra="forbid")
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class _Body(BaseModel):
    """Exactly one of text, token, place and location, under an id that the page made."""

    model_config = ConfigDict(extra="forbid")
    id: Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
    text: str | None = None
    token: Annotated[str, Field(max_length=64)] | None = None
    place: Annotated[str, Field(max_length=64)] | None = None
    location: _Location | None = None
    language: Annotated[str, Field(max_length=8)] | None = None

    @model_validator(mode="after")
    def one_of(self) -> "_Body":
        """Refuse a message that says two things or nothing."""
        if sum(value is not None for value in (self.text, self.token, self.place, self.location)) != 1:
            raise ValueError("exactly one of text, token, place, location")
        return self


def _mark(address: str) -> str:
    """What stands for a session in ids that are stored: the session itself is a key and is not."""
    return hashlib.sha256(address.encode()).hexdigest()[:24]


def parse_message(raw: bytes, *, address: str) -> InboundMessage:
    """The message of a verified session; raises BodyInvalid. The provider id is bound to the session."""
    try:
        body = _Body.model_validate(json.loads(raw))
    except (ValidationError, ValueError, RecursionError) as error:
        raise BodyInvalid("not a message") from error
    return InboundMessage(
        channel=NAME,
        provider_id=f"{_mark(address)}:{body.id}",
        address=address,
        text=body.text or "",
        token=body.token or "",
        coordinates=Coordinates(body.location.latitude, body.location.longitude) if body.location else None,
        place_id=body.place or "",
        language_hint=body.language,
    )
