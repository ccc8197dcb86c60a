"""What appears without a reload: news of the cell and who else is at a case, as server-sent events.

The stream looks into the database once a second: it works the same with one process and with many, and a page that was
away asks for what it missed with the id of the last event that it has seen.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sse_starlette import EventSourceResponse, ServerSentEvent

from bot.cases import repository, views
from bot.cases.model import CaseEvent
from channels.desk.own_case import own_case
from channels.staff.accounts import SignedIn
from channels.staff.front import Front, SignInNeeded, must_have, staff_router

_EVERY_SECONDS = 1.0
#: After so many looks it is checked that the sign-in still holds.
_LOOKS_PER_CHECK = 20
#: Ids are given out before they are committed: one that comes late is looked for among the last so many.
_LATE_IDS = 50

#: What deserves a sound: somebody waits for the cell.
_LOUD = frozenset(("opened", "arrived", "wrote", "reopened", "reminded"))


class Live:
    """The stream of news, and presence."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def router(self) -> APIRouter:
        """The routes of what is live."""
        router = staff_router(self._front)
        router.add_api_route("/live", self.get_live, methods=["GET"])
        router.add_api_route("/cases/{case_id}/presence", self.post_presence, methods=["POST"])
        return router

    async def get_live(self, request: Request) -> Response:
        """News of the agent's cell from now, or from the last event that the page has seen."""
        me = must_have(request, "agent", "lead")
        asked = request.headers.get("last-event-id") or request.query_params.get("after", "")
        case_id = request.query_params.get("case", "")
        after = int(asked) if asked.isdecimal() and len(asked) < 19 else None  # noqa: PLR2004 - digits of an id
        return EventSourceResponse(self.stream(request, me, after=after, case_id=case_id), ping=20)

    async def stream(
        self, request: Request, me: SignedIn, *, after: int | None, case_id: str
    ) -> AsyncIterator[ServerSentEvent]:
        """Events for one page until it goes away or its sign-in ends."""
        with self._front.database.read() as session:
            last = repository.last_event_id(session, me.agent.cell_id) if after is None else after
            late = repository.list_news(session, cell_id=me.agent.cell_id, after=max(last - _LATE_IDS, 0))
        seen = {event.id for event in late if event.id <= last}
        present: list[dict[str, Any]] | None = None
        look = 0
        while not await request.is_disconnected():
            look += 1
            if look % _LOOKS_PER_CHECK == 0 and not self._still_signed_in(request):
                yield ServerSentEvent(event="signed-out", data="{}")
                return
            news, others = self._look(me, last, case_id)
            news = [event for event in news if event.id not in seen]
            if news:
                seen |= {event.id for event in news}
                last = max(last, *(event.id for event in news))
                seen = {number for number in seen if number > last - _LATE_IDS}
                yield ServerSentEvent(event="news", id=str(last), data=json.dumps(_told(news, me)))
            if others != present and case_id:
                present = others
                yield ServerSentEvent(event="presence", data=json.dumps(others))
            await asyncio.sleep(_EVERY_SECONDS)

    async def post_presence(self, request: Request, case_id: str) -> Response:
        """This agent has the case open, is typing in it, or has left it."""
        state = str((await request.form()).get("state") or "")
        with own_case(self._front, request, case_id, "write") as (session, _, me):
            if state == "left":
                views.leave(session, agent_id=me.agent.id, case_id=case_id)
            else:
                views.be_present(
                    session,
                    agent_id=me.agent.id,
                    case_id=case_id,
                    is_typing=state == "typing",
                    now=self._front.now(),
                )
        return JSONResponse({})

    def _look(self, me: SignedIn, last: int, case_id: str) -> tuple[list[CaseEvent], list[dict[str, Any]]]:
        with self._front.database.read() as session:
            news = repository.list_news(session, cell_id=me.agent.cell_id, after=max(last - _LATE_IDS, 0), limit=200)
            if not case_id:
                return news, []
            present = [
                row
                for row in repository.list_present(session, case_id, self._front.now())
                if row.agent_id != me.agent.id
            ]
            names = views.names_of_agents(session, me.agent.cell_id) if present else {}
        others = [{"name": names[row.agent_id], "typing": row.is_typing} for row in present if row.agent_id in names]
        return news, sorted(others, key=lambda other: other["name"])

    def _still_signed_in(self, request: Request) -> bool:
        try:
            self._front.find(request)
        except SignInNeeded:
            return False
        return True


def _told(news: list[CaseEvent], me: SignedIn) -> dict[str, Any]:
    """What a page needs to know of news: ids and kinds, never words."""
    others = [event for event in news if event.agent_id != me.agent.id]
    return {
        "cases": sorted({event.case_id for event in news}),
        "loud": sorted({event.case_id for event in others if event.kind in _LOUD}),
        "mentioned": any(me.agent.id in event.data.get("mentions", ()) for event in others),
    }
