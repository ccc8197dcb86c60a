"""The list of a cell's cases: views, filters, search, saved views. A part of the page can be asked for alone."""

from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot.cases import lifecycle, repository, views
from bot.cases.repository import VIEWS, CaseFilter
from bot.languages import ANSWER_LANGUAGES
from channels.desk import pages
from channels.staff.accounts import SignedIn
from channels.staff.front import PREFIX, Front, must_have, signed_in, staff_router

_A_PAGE = 50
_FIELDS = ("view", "topic", "language", "channel", "label", "urgent", "words")


class ListPages:
    """The list."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def router(self) -> APIRouter:
        """The routes of the list."""
        router = staff_router(self._front)
        router.add_api_route("", self.get_cases, methods=["GET"])
        router.add_api_route("/views", self.post_view, methods=["POST"])
        router.add_api_route("/views/{view_id}/delete", self.delete_view, methods=["POST"])
        return router

    async def get_cases(self, request: Request) -> Response:
        """The list of the agent's cell."""
        me = signed_in(request)
        if not me.agent.has_role("agent", "lead"):
            return RedirectResponse(_home_of(me), status_code=303)
        wanted, number = _wanted(request, me), _page_number(request)
        language, cell_id, now = me.agent.language, me.agent.cell_id, self._front.now()
        with self._front.database.read() as session:
            cases = repository.list_cases(
                session, cell_id=cell_id, wanted=wanted, now=now, limit=_A_PAGE + 1, offset=number * _A_PAGE
            )
            labels = repository.labels_of(session, [case.id for case in cases])
            counts = repository.count_live(session, cell_id=cell_id, agent_id=me.agent.id)
            counts["mentions"] = repository.count_mentions(session, me.agent.id)
            names = views.names_of_agents(session, cell_id)
            all_labels = repository.list_labels(session, cell_id)
            saved = repository.list_views(session, me.agent.id)
            last_event = repository.last_event_id(session, cell_id)
        rows = [
            {
                "case": case,
                "place": pages.place_name(self._front.library, case.place_id, language),
                "question": next(iter(pages.summary_lines(case, self._front.library, language)), None),
                "labels": labels.get(case.id, []),
                "owner": names.get(case.agent_id or "", ""),
                "due": pages.due_line(case, language, now),
            }
            for case in cases[:_A_PAGE]
        ]
        # What changes by itself: the rows, and the numbers beside the views.
        template = "refresh.html" if request.query_params.get("part") == "rows" else "cases.html"
        return self._front.page(
            request,
            template,
            here="cases",
            rows=rows,
            counts=counts,
            wanted=wanted,
            views=VIEWS,
            labels=all_labels,
            saved=saved,
            topics=sorted({article.topic for article in self._front.library.articles.values()}),
            languages=ANSWER_LANGUAGES,
            query=_query(request),
            next_page=_link(request, number + 1) if len(cases) > _A_PAGE else "",
            previous_page=_link(request, number - 1) if number else "",
            last_event=last_event,
        )

    async def post_view(self, request: Request) -> Response:
        """Save the present filter under a name."""
        me, form = must_have(request, "agent", "lead"), await request.form()
        name = lifecycle.one_line(str(form.get("name") or ""))[:60]
        query = urlencode([pair for pair in parse_qsl(str(form.get("query") or "")[:500]) if pair[0] in _FIELDS])
        if name:
            with self._front.database.write() as session:
                views.save(session, agent_id=me.agent.id, name=name, query=query)
        return RedirectResponse(f"{PREFIX}?{query}" if query else PREFIX, status_code=303)

    async def delete_view(self, request: Request, view_id: str) -> Response:
        """Delete a saved view of one's own."""
        me = must_have(request, "agent", "lead")
        with self._front.database.write() as session:
            views.delete_view(session, agent_id=me.agent.id, view_id=view_id)
        return RedirectResponse(PREFIX, status_code=303)


def _wanted(request: Request, me: SignedIn) -> CaseFilter:
    asked = request.query_params
    view = asked.get("view", "")
    words = asked.get("words", "").strip()[:100]
    return CaseFilter(
        view=view if view in VIEWS else "all" if words else "live",
        agent_id=me.agent.id,
        topic=asked.get("topic", "")[:20],
        language=asked.get("language", "")[:2],
        channel=asked.get("channel", "")[:20],
        label=asked.get("label", "")[:40],
        urgent=asked.get("urgent") == "1",
        words=words,
    )


def _query(request: Request) -> str:
    return urlencode({name: request.query_params[name] for name in _FIELDS if request.query_params.get(name)})


def _page_number(request: Request) -> int:
    asked = request.query_params.get("page", "")
    return min(int(asked), 10_000) if asked.isdecimal() and len(asked) < 6 else 0  # noqa: PLR2004 - digits of a page


def _link(request: Request, number: int) -> str:
    query = _query(request)
    return f"{PREFIX}?{query}{'&' if query else ''}page={number}"


def _home_of(me: SignedIn) -> str:
    if me.agent.has_role("administrator"):
        return f"{PREFIX}/pending"
    return f"{PREFIX}/audit" if me.agent.has_role("auditor") else f"{PREFIX}/account"
