"""The chat page as a channel: a session, messages in by POST, messages out by server-sent events.

What is sent out is read from the database by message id, so a page that reconnects says what it has seen and gets the
rest: nothing is lost and nothing comes twice.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sse_starlette import EventSourceResponse, ServerSentEvent

from bot import conversations
from bot.aliases import get_or_add_person
from bot.clock import utc_now
from bot.conversations import Message, Person
from bot.languages import parse_answer_language
from bot.messages import InboundMessage
from bot.secrets import AddressBook
from bot.settings import Settings
from bot.store.database import Database
from channels.web.page import page_words, render_page
from channels.web.parse import MAX_BODY, BodyInvalid, parse_message
from channels.web.session import COOKIE, SessionInvalid, Sessions
from knowledge.library import Library

Accept = Callable[[InboundMessage], Awaitable[str]]

#: Seconds after which a stream looks into the database by itself: another process may have answered.
_LOOK_AGAIN = {True: 2.0, False: 15.0}


class WebChannel:
    """The page, its endpoints and its streams."""

    name = "web"
    text_limit = 4000

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

    async def deliver(self, person_id: str, messages: list[Message]) -> None:
        """Ring the bell of every stream of this person; the streams read the database."""
        for bell in self._bells.get(person_id, ()):
            bell.set()

    async def get_page(self, request: Request) -> Response:
        """The chat page in the language asked for, or the browser's."""
        return render_page(_language(request, self._settings))

    async def post_session(self, request: Request) -> Response:
        """Recognise the session, or begin one."""
        if not _same_origin(request):
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

    async def post_message(self, request: Request) -> Response:
        """Accept a message: 202 once it is stored. The session is verified before the body is read."""
        if not _same_origin(request):
            return self._refusal(request, "forbidden", 403)
        try:
            address = self._sessions.verify(request.cookies.get(COOKIE))
        except SessionInvalid:
            return self._refusal(request, "session_expired", 401)
        raw = await _body_within(request, MAX_BODY)
        if raw is None:
            return self._refusal(request, "too_long", 413)
        try:
            message = parse_message(raw, address=address)
        except BodyInvalid:
            return self._refusal(request, "not_understood", 400)
        if self.accept is None:
            return self._refusal(request, "not_ready", 503)
        await self.accept(message)
        return JSONResponse({"accepted": message.provider_id.split(":")[-1]}, status_code=202)

    async def get_events(self, request: Request, after: int = 0) -> Response:
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
        with self._database.write() as session:
            person: Person = get_or_add_person(
                session, self._book, channel=self.name, address=address, now=utc_now()
            )
            return person.id

    def _refusal(self, request: Request, key: str, status: int) -> JSONResponse:
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


async def _body_within(request: Request, limit: int) -> bytes | None:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return None
    return body


def _same_origin(request: Request) -> bool:
    """A browser says where a request comes from; only our own page may post."""
    origin = request.headers.get("origin")
    return origin is None or origin.split("://")[-1] == request.headers.get("host", "")


def _language(request: Request, settings: Settings) -> str:
    asked = parse_answer_language(request.query_params.get("language"))
    accepted = request.headers.get("accept-language", "").split(",")
    browser = next((found for part in accepted if (found := parse_answer_language(part.split(";")[0]))), None)
    return asked or browser or settings.default_language
