"""WhatsApp as a channel: Twilio's webhooks, and messages through Twilio's client."""

import asyncio
import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import httpx
from fastapi import APIRouter, Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.rest.content.v1.content import ContentList

from bot.clock import utc_now
from bot.conversations import Message
from bot.deliveries import find_content, keep_content
from bot.settings import Settings
from bot.store.database import Database
from channels.channel import (
    Accept,
    Arrival,
    FileGone,
    FileTooLarge,
    Finding,
    Limits,
    Parsed,
    Refused,
    Request,
    SendFailed,
)
from channels.pace import Pace
from channels.tls import trusted
from channels.webhook import Door
from channels.whatsapp import setup
from channels.whatsapp.client import TwilioAccount
from channels.whatsapp.parse import NAME, parse_form, parse_message, parse_status
from channels.whatsapp.render import LIMITS, render_message

WEBHOOK_PATH = "/channels/whatsapp/webhook"
STATUS_PATH = "/channels/whatsapp/status"
SIGNATURE_HEADER = "x-twilio-signature"

#: Nothing is said in the acknowledgement: answers are sent, so that a slow one cannot be lost.
_EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'

#: What WhatsApp allows between one number and one person: about one message in six seconds, a few at once after a rest.
_PAIR_SECONDS, _PAIR_BURST = 6.0, 5

_GONE = (404, 410)
_TWILIO_HOST = "api.twilio.com"


class WhatsAppChannel:
    """The channel. Off unless account, token, number and public address are all set."""

    name = NAME

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._validator = RequestValidator(settings.twilio_auth_token)
        self.pace = Pace(settings.whatsapp_per_second, person_interval=_PAIR_SECONDS, person_burst=_PAIR_BURST)
        self._doors = [self._door() for _ in range(2)]
        self._making = asyncio.Lock()

    def _door(self) -> Door:
        return Door(
            self,
            content_type="application/x-www-form-urlencoded",
            acknowledgement=lambda: Response(_EMPTY_TWIML, media_type="text/xml"),
        )

    @property
    def limits(self) -> Limits:
        """What Twilio takes."""
        return LIMITS

    @cached_property
    def account(self) -> TwilioAccount:
        """Twilio's client."""
        return TwilioAccount(
            self._settings.twilio_account_sid, self._settings.twilio_auth_token, base=self._settings.twilio_api_base
        )

    async def start(self, accept: Accept) -> None:
        """Open the doors."""
        for door in self._doors:
            door.accept = accept

    async def stop(self) -> None:
        """Close the doors and let the threads go."""
        for door in self._doors:
            door.accept = None
        self.account.close()

    def router(self) -> APIRouter:
        """The webhook for messages and the one for what becomes of ours."""
        router = APIRouter()
        for door, path in zip(self._doors, (WEBHOOK_PATH, STATUS_PATH), strict=True):
            door.add_to(router, path)
        return router

    async def verify(self, arrival: Arrival) -> str:
        """Twilio's signature over the address it was given and every field. Fields are only split before, not read."""
        given = arrival.headers.get(SIGNATURE_HEADER, "")
        if not given or not self._settings.twilio_auth_token:
            raise Refused("signature", 403)
        form = parse_form(await arrival.body())
        if not self._validator.validate(self._settings.public_url.rstrip("/") + arrival.url, form, given):
            raise Refused("signature", 403)
        return ""

    def parse(self, body: bytes, *, speaker: str, url: str) -> list[Parsed]:
        """What a message or a status says."""
        form, sid = parse_form(body), self._settings.twilio_account_sid
        if urlsplit(url).path == STATUS_PATH:
            return [parse_status(form, account_sid=sid, url=url)]
        return [parse_message(form, account_sid=sid, number=self._settings.whatsapp_from)]

    def render(self, message: Message) -> list[Request]:
        """The requests that bring a message to a person."""
        return render_message(message)

    def pause(self, address: str) -> float:
        """Seconds until this person may be written to."""
        return self.pace.take(address)

    def can_remind(self, language: str) -> bool:
        """Whether there is an approved template in a language."""
        return bool(self._template(language))

    async def send(self, address: str, request: Request) -> str:
        """Send one message; returns Twilio's id. Raises SendFailed."""
        try:
            content = await self._content(request)
            return await self._create(address, request, content)
        except SendFailed as failure:
            if failure.outcome == "slow_down":
                self.pace.hold(address, failure.after or _PAIR_SECONDS)
            raise

    async def find_sent(self, address: str, *, since: datetime, known: set[str]) -> str | None:
        """A message to this address that we do not know of: the one whose answer from Twilio was lost."""
        rows = await self.account.call(
            lambda client: client.messages.list(
                to=address, from_=self._settings.whatsapp_from, date_sent_after=since - timedelta(seconds=2), limit=20
            )
        )
        unknown = [row.sid for row in rows if row.sid and row.sid not in known and str(row.status) != "failed"]
        return unknown[0] if unknown else None

    async def fetch_file(self, reference: str, *, largest: int) -> bytes:
        """The content of a file at Twilio, which is then deleted there; raises FileTooLarge, FileGone, SendFailed."""
        address = self._file_address(reference)
        auth = (self._settings.twilio_account_sid, self._settings.twilio_auth_token)
        try:
            async with httpx.AsyncClient(verify=trusted(), timeout=20, follow_redirects=True, max_redirects=3) as http:
                content = await _read_within(http, address, auth, largest)
                await http.delete(address, auth=auth)
        except httpx.HTTPError as error:
            raise SendFailed("retry", "provider_down") from error
        return content

    async def check(self) -> Sequence[Finding]:
        """What `dalil doctor` tells of the account, the number, the signature and the templates."""
        return await setup.check(self.account, self._settings, self.verify)

    def _file_address(self, reference: str) -> str:
        """Where a file is, if it is our account's at Twilio: no other address is ever called."""
        parts = urlsplit(reference)
        ours = re.fullmatch(
            rf"/2010-04-01/Accounts/{re.escape(self._settings.twilio_account_sid)}/Messages/\w+/Media/\w+", parts.path
        )
        if parts.scheme != "https" or parts.netloc != _TWILIO_HOST or not ours:
            raise FileGone
        return (self._settings.twilio_api_base.rstrip("/") or f"https://{_TWILIO_HOST}") + parts.path

    def _template(self, language: str) -> str:
        by_language = {
            "ar": self._settings.whatsapp_template_ar,
            "fr": self._settings.whatsapp_template_fr,
            "en": self._settings.whatsapp_template_en,
        }
        return by_language.get(language, "")

    async def _content(self, request: Request) -> dict[str, Any]:
        """What is sent: a text, a template, or a form that Twilio keeps for us."""
        values = request.values
        if request.method == "template":
            if not self._template(values["language"]):
                raise SendFailed("failed", "template")
            return {"content_sid": self._template(values["language"])}
        if request.method == "form":
            try:
                sid = await self._form(values["types"], values["language"])
            except SendFailed as failure:
                if failure.outcome in ("slow_down", "retry"):
                    raise
                # Twilio does not take the form: the numbered text says the same.
            else:
                return {"content_sid": sid, "content_variables": json.dumps(values["variables"])}
        return {"body": values["body"]}

    async def _form(self, types: dict[str, Any], language: str) -> str:
        """The id of a form at Twilio, made there the first time."""
        definition = json.dumps([self._settings.twilio_account_sid, language, types], sort_keys=True)
        mark = hashlib.sha256(definition.encode()).hexdigest()
        async with self._making:
            with self._database.read() as session:
                known = find_content(session, mark)
            if known:
                return known
            made = await self.account.call(lambda client: _make_form(client, mark, types, language))
            with self._database.write() as session:
                keep_content(session, mark, made, utc_now())
        return made

    async def _create(self, address: str, request: Request, content: dict[str, Any]) -> str:
        callback = f"{self._settings.public_url.rstrip('/')}{STATUS_PATH}?message={request.values['message_id']}"
        created = await self.account.call(
            lambda client: client.messages.create(
                to=address, from_=self._settings.whatsapp_from, status_callback=callback, **content
            )
        )
        return str(created.sid)


def _make_form(client: Client, mark: str, types: dict[str, Any], language: str) -> str:
    variables = sorted(set(re.findall(r"\{\{(\d+)\}\}", json.dumps(types))))
    request = ContentList.ContentCreateRequest(
        {
            "friendly_name": f"dalil_{mark[:24]}",
            "language": language,
            "variables": {number: f"choice{number}" for number in variables},
            "types": _Plain(types),
        }
    )
    return str(client.content.v1.contents.create(request).sid)


class _Plain:
    """JSON that Twilio's classes pass on as it is; their own would add an empty entry for each other type."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def to_dict(self) -> dict[str, Any]:
        """The JSON."""
        return self._values


async def _read_within(http: httpx.AsyncClient, address: str, auth: tuple[str, str], largest: int) -> bytes:
    async with http.stream("GET", address, auth=auth) as answer:
        if answer.status_code in _GONE:
            raise FileGone
        answer.raise_for_status()
        content = bytearray()
        async for chunk in answer.aiter_bytes():
            content += chunk
            if len(content) > largest:
                raise FileTooLarge
        return bytes(content)
