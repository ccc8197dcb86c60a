"""The chat page as a channel: a session, messages in by POST, messages out by server-sent events.

What is sent out is read from the database by message id, so a page that reconnects says what it has seen and gets the
rest: nothing is lost and nothing comes twice.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Response
from fastapi import Request as HttpRequest
from fastapi.responses import JSONResponse
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import cookie_parser

from bot import conversations
from bot.aliases import get_or_add_person
from bot.clock import utc_now
from bot.conversations import Message
from bot.languages import parse_answer_language
from bot.messages import InboundMessage
from bot.secrets import AddressBook
from bot.settings import Settings
from bot.store.database import Database
from channels.channel import Arrival, Headers, Limits, Parsed, Refused, Request
from channels.web.page import page_words, render_page
from channels.web.parse import MAX_BODY, NAME, BodyInvalid, parse_message
from channels.web.session import COOKIE, SessionInvalid, Sessions
from knowledge.library import Library

Accept = Callable[[InboundMessage], Awaitable[str]]

#: Seconds after which a stream looks into the database by itself: another process may have answered.
_LOOK_AGAIN = {True: 2.0, False: 15.0}


class WebChannel:
    """The page, its endpoints and its streams."""

    name = NAME
    limits = Limits(text=4000, body_bytes=MAX_BODY, buttons=100, button_title=200)

    def __init__(self, settings: Settings, database: Database, library: Library) -> None:
        self._settings = settings
        self._database = database
        self._library = library
        self._sessions = Sessions(settings.resolved_secret_key, settings.session_days)
        self._book = AddressBook(settings.resolved_secret_key)
        self._bells: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self.accept: Accept | None = None

    def router(self) -> APIRouter:
        """The page and its endpoints."""
        router = APIRouter()
        router.add_api_route("/", self.get_page, methods=["GET"], include_in_schema=False)
        prefix = "/channels/web"
        router.add_api_route(f"{prefix}/session", self.post_session, methods=["POST"])
        router.add_api_route(f"{prefix}/messages", self.post_message, methods=["POST"])
        router.add_api_route(f"{prefix}/events", self.get_events, methods=["GET"])
        router.add_api_route(f"{prefix}/places", self.get_places, methods=["GET"])
        return router

    async def verify(self, arrival: Arrival) -> str:
        """The address in the session of our own page; raises Refused. Neither needs the body."""
        if not _same_origin(arrival.headers):
            raise Refused("forbidden", 403)
        try:
            return self._sessions.verify(_cookie(arrival.headers))
        except SessionInvalid as error:
            raise Refused("session_expired", 401) from error

    def parse(self, body: bytes, *, speaker: str, url: str) -> list[Parsed]:
        """The one message of a request; raises Refused."""
        try:
            return [parse_message(body, address=speaker)]
        except BodyInvalid as error:
            raise Refused("not_understood", 400) from error

    def render(self, message: Message) -> list[Request]:
        """What the page is given for a message."""
        return [Request("message", _as_json(message))]

    async def send(self, address: str, request: Request) -> str:
        """Ring the bell of every stream of a person; the streams read the database."""
        for bell in self._bells.get(address, ()):
            bell.set()
        return ""

    async def get_page(self, request: HttpRequest) -> Response:
        """The chat page in the language asked for, or the browser's."""
        return render_page(_language(request, self._settings))

    async def post_session(self, request: HttpRequest) -> Response:
        """Recognise the session, or begin one."""
        if not _same_origin(request.headers):
            return self._refusal(request, "forbidden", 403)
        response = JSONResponse({"ok": True})
        try:
            self._sessions.verify(request.cookies.get(COOKIE))
        except SessionInvalid:
            response.set_cookie(
                COOKIE,
                self._sessions.new(),
                max_age=self._settings.session_days * 86400,
                httponly=True,
                samesite="strict",
                secure=self._settings.public_url.startswith("https"),
            )
        return response

    async def post_message(self, request: HttpRequest) -> Response:
        """Accept a message: 202 once it is stored. The session is verified before the body is read."""
        arrival = Arrival(str(request.url.path), request.headers, request.stream(), largest=self.limits.body_bytes)
        try:
            speaker = await self.verify(arrival)
            (message,) = self.parse(await arrival.body(), speaker=speaker, url=arrival.url)
        except Refused as refusal:
            return self._refusal(request, refusal.key, refusal.status)
        if self.accept is None or not isinstance(message, InboundMessage):
            return self._refusal(request, "not_ready", 503)
        await self.accept(message)
        return JSONResponse({"accepted": message.provider_id.split(":")[-1]}, status_code=202)

    async def get_events(self, request: HttpRequest, after: int = 0) -> Response:
        """Everything said after a message id, then what comes, as server-sent events."""
        try:
            address = self._sessions.verify(request.cookies.get(COOKIE))
        except SessionInvalid:
            return self._refusal(request, "session_expired", 401)
        last = request.headers.get("last-event-id", "")
        start = max(after, int(last) if last.isdigit() else 0)
        return EventSourceResponse(self._stream(self._person_id(address), start), ping=25)

    async def get_places(self, language: str = "fr") -> Response:
        """The communes by name, for the list on the page."""
        chosen = parse_answer_language(language) or "fr"
        places = sorted(
            ({"id": place.id, "name": place.name[chosen]} for place in self._library.places.values()),
            key=lambda place: place["name"],
        )
        return JSONResponse(places, headers={"cache-control": "public, max-age=86400"})

    async def _stream(self, person_id: str, after: int) -> AsyncIterator[ServerSentEvent]:
        bell = asyncio.Event()
        self._bells[person_id].add(bell)
        try:
            while True:
                bell.clear()
                for row in self._messages(person_id, after):
                    after = row.id
                    yield ServerSentEvent(id=str(row.id), event="message", data=json.dumps(_as_json(row)))
                try:
                    await asyncio.wait_for(bell.wait(), timeout=_LOOK_AGAIN[self._settings.is_postgresql])
                except TimeoutError:
                    continue
        finally:
            self._bells[person_id].discard(bell)
            if not self._bells[person_id]:
                self._bells.pop(person_id, None)

    def _messages(self, person_id: str, after: int) -> list[Message]:
        with self._database.read() as session:
            return conversations.list_messages(session, person_id, after=after)

    def _person_id(self, address: str) -> str:
        with self._database.transact() as rows:
            return get_or_add_person(rows, self._book, channel=self.name, address=address, now=utc_now()).id

    def _refusal(self, request: HttpRequest, key: str, status: int) -> JSONResponse:
        language = _language(request, self._settings)
        return JSONResponse({"error": key, "message": page_words(language)[f"error_{key}"]}, status_code=status)


def _as_json(row: Message) -> dict[str, Any]:
    return {
        "id": row.id,
        "author": row.author,
        "text": row.text,
        "buttons": row.buttons,
        "asks_place": row.asks_place,
        "language": row.language,
        "client_id": (row.provider_id or "").split(":")[-1] if row.direction == "in" else "",
        "at": row.created_at.isoformat(),
    }


def _same_origin(headers: Headers) -> bool:
    """A browser says where a request comes from; only our own page may post."""
    origin = headers.get("origin")
    return origin is None or origin.split("://")[-1] == headers.get("host", "")


def _cookie(headers: Headers) -> str | None:
    return cookie_parser(headers.get("cookie", "")).get(COOKIE)


def _language(request: HttpRequest, settings: Settings) -> str:
    asked = parse_answer_language(request.query_params.get("language"))
    accepted = request.headers.get("accept-language", "").split(",")
    browser = next((found for part in accepted if (found := parse_answer_language(part.split(";")[0]))), None)
    return asked or browser or settings.default_language
