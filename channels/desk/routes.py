"""The desk's routes. Every page but the sign-in goes through ``_agent``; every change carries the session's form token."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Cookie, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from bot import conversations, deliveries, files
from bot.assistant import Assistant
from bot.cases import repository, service
from bot.cases.model import Case
from bot.clock import utc_now
from bot.errors import CaseClosed, CaseNotFound
from bot.files import FileCabinet
from bot.languages import parse_answer_language
from bot.messages import OutboundMessage
from bot.settings import Settings
from bot.store.database import Database
from channels.desk import files_of_case, pages
from channels.staff import accounts
from channels.staff.accounts import SignedIn
from knowledge.library import Library

COOKIE = "dalil_desk"
LONGEST_REPLY = 4000

Deliver = Callable[[str], Awaitable[None]]


class Desk:
    """The desk's pages over one database."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        library: Library,
        assistant: Assistant,
        deliver: Deliver,
        *,
        cabinet: FileCabinet,
    ) -> None:
        self._settings = settings
        self._database = database
        self._library = library
        self._assistant = assistant
        self._deliver = deliver
        self._cabinet = cabinet

    def router(self) -> APIRouter:
        """All routes of the desk."""
        router = APIRouter(prefix="/desk", include_in_schema=False)
        router.add_api_route("", self.get_cases, methods=["GET"])
        router.add_api_route("/sign-in", self.get_sign_in, methods=["GET"])
        router.add_api_route("/sign-in", self.post_sign_in, methods=["POST"])
        router.add_api_route("/sign-out", self.post_sign_out, methods=["POST"])
        router.add_api_route("/language", self.post_language, methods=["POST"])
        router.add_api_route("/cases/{case_id}", self.get_case, methods=["GET"])
        router.add_api_route("/cases/{case_id}/last", self.get_last, methods=["GET"])
        router.add_api_route("/cases/{case_id}/files/{file_id}", self.get_file, methods=["GET"])
        router.add_api_route("/cases/{case_id}/reply", self.post_reply, methods=["POST"])
        router.add_api_route("/cases/{case_id}/close", self.post_close, methods=["POST"])
        return router

    async def get_sign_in(self, request: Request) -> Response:
        """The sign-in page."""
        return pages.render("sign_in.html", language=_browser_language(request, self._settings), failed=False)

    async def post_sign_in(
        self, request: Request, username: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
    ) -> Response:
        """Sign in, or say that it failed."""
        with self._database.write() as session:
            key = accounts.sign_in(session, username=username[:64], password=password[:200], now=utc_now())
        if key is None:
            language = _browser_language(request, self._settings)
            return pages.render("sign_in.html", language=language, failed=True, status_code=401)
        response = RedirectResponse("/desk", status_code=303)
        response.set_cookie(
            COOKIE,
            key,
            max_age=int(accounts.SESSION_TIME.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=self._settings.public_url.startswith("https"),
            path="/desk",
        )
        return response

    async def post_sign_out(
        self, form_token: Annotated[str, Form()] = "", dalil_desk: Annotated[str | None, Cookie()] = None
    ) -> Response:
        """End the session."""
        signed_in = self._agent(dalil_desk)
        if signed_in is not None and accounts.is_own_form(signed_in, form_token):
            with self._database.write() as session:
                accounts.sign_out(session, dalil_desk)
        response = RedirectResponse("/desk/sign-in", status_code=303)
        response.delete_cookie(COOKIE, path="/desk")
        return response

    async def post_language(
        self,
        language: Annotated[str, Form()] = "",
        form_token: Annotated[str, Form()] = "",
        dalil_desk: Annotated[str | None, Cookie()] = None,
    ) -> Response:
        """Change the language of the agent's pages."""
        signed_in = self._agent(dalil_desk)
        chosen = parse_answer_language(language)
        if signed_in is not None and chosen and accounts.is_own_form(signed_in, form_token):
            with self._database.write() as session:
                agent = repository.find_agent(session, signed_in.agent.username)
                if agent is not None:
                    agent.language = chosen
        return RedirectResponse("/desk", status_code=303)

    async def get_cases(self, dalil_desk: Annotated[str | None, Cookie()] = None) -> Response:
        """The list of the agent's cell."""
        signed_in = self._agent(dalil_desk)
        if signed_in is None:
            return RedirectResponse("/desk/sign-in", status_code=303)
        language = signed_in.agent.language
        with self._database.read() as session:
            cases = repository.list_cases(session, cell_id=signed_in.agent.cell_id)
        rows = [
            {
                "case": case,
                "place": pages.place_name(self._library, case.place_id, language),
                "lines": pages.summary_lines(case, self._library, language)[:1],
            }
            for case in cases
        ]
        return pages.render(
            "cases.html", language=language, signed_in=signed_in, cell=self._cell_name(signed_in), rows=rows
        )

    async def get_case(self, case_id: str, dalil_desk: Annotated[str | None, Cookie()] = None) -> Response:
        """One case of the agent's cell with its messages."""
        signed_in = self._agent(dalil_desk)
        if signed_in is None:
            return RedirectResponse("/desk/sign-in", status_code=303)
        return self._case_page(signed_in, case_id)

    async def get_last(self, case_id: str, dalil_desk: Annotated[str | None, Cookie()] = None) -> Response:
        """The id of a case's last message, so that the page can say that there is something new."""
        signed_in = self._agent(dalil_desk)
        if signed_in is None:
            return JSONResponse({}, status_code=401)
        try:
            with self._database.read() as session:
                case = repository.get_case(session, case_id=case_id, cell_id=signed_in.agent.cell_id)
                rows = conversations.list_messages(session, case.person_id or "", case_id=case.id)
        except CaseNotFound:
            return JSONResponse({}, status_code=404)
        return JSONResponse({"last": rows[-1].id if rows else 0, "status": case.status})

    async def get_file(
        self, case_id: str, file_id: str, dalil_desk: Annotated[str | None, Cookie()] = None
    ) -> Response:
        """A file of a case of the agent's cell. It is saved and never shown by the browser itself."""
        signed_in = self._agent(dalil_desk)
        if signed_in is None:
            return RedirectResponse("/desk/sign-in", status_code=303)
        try:
            with self._database.read() as session:
                case = repository.get_case(session, case_id=case_id, cell_id=signed_in.agent.cell_id)
                row = files.find_file(session, file_id, case_id=case.id)
                content = self._cabinet.open(row) if row else None
        except CaseNotFound:
            row = content = None
        if row is None or content is None:
            return self._case_page(signed_in, "")
        return files_of_case.as_download(row, content)

    async def post_reply(
        self,
        case_id: str,
        text: Annotated[str, Form()] = "",
        form_token: Annotated[str, Form()] = "",
        dalil_desk: Annotated[str | None, Cookie()] = None,
    ) -> Response:
        """Answer the person."""
        signed_in = self._agent(dalil_desk)
        if signed_in is None:
            return RedirectResponse("/desk/sign-in", status_code=303)
        words = text.strip()
        if not accounts.is_own_form(signed_in, form_token):
            return self._case_page(signed_in, case_id, error="error_forbidden", draft=words, status_code=403)
        if not words or len(words) > LONGEST_REPLY:
            return self._case_page(signed_in, case_id, error="error_empty", draft=words, status_code=400)
        try:
            with self._database.write() as session:
                case = repository.get_case(session, case_id=case_id, cell_id=signed_in.agent.cell_id)
                service.reply(session, case, agent_id=signed_in.agent.id, text=words, now=utc_now())
        except CaseClosed:
            return self._case_page(signed_in, case_id, error="error_closed", draft=words, status_code=409)
        except CaseNotFound:
            return self._case_page(signed_in, case_id)
        await self._tell(case)
        return RedirectResponse(f"/desk/cases/{case_id}?sent=1#reply", status_code=303)

    async def post_close(
        self,
        case_id: str,
        form_token: Annotated[str, Form()] = "",
        dalil_desk: Annotated[str | None, Cookie()] = None,
    ) -> Response:
        """Close a case; the bot answers the person again."""
        signed_in = self._agent(dalil_desk)
        if signed_in is None:
            return RedirectResponse("/desk/sign-in", status_code=303)
        if not accounts.is_own_form(signed_in, form_token):
            return self._case_page(signed_in, case_id, error="error_forbidden", status_code=403)
        try:
            with self._database.write() as session:
                case = repository.get_case(session, case_id=case_id, cell_id=signed_in.agent.cell_id)
                closing = self._closing(case)
                service.close_case(session, case, agent_id=signed_in.agent.id, closing=closing, now=utc_now())
        except CaseNotFound:
            return self._case_page(signed_in, case_id)
        await self._tell(case)
        return RedirectResponse("/desk", status_code=303)

    def _closing(self, case: Case) -> OutboundMessage:
        language = parse_answer_language(case.language) or "fr"
        return self._assistant.say("utter_case_closed", language, reference=case.reference)

    async def _tell(self, case: Case) -> None:
        if case.person_id:
            await self._deliver(case.person_id)

    def _case_page(
        self, signed_in: SignedIn, case_id: str, *, error: str = "", draft: str = "", status_code: int = 200
    ) -> Response:
        language = signed_in.agent.language
        try:
            with self._database.read() as session:
                case = repository.get_case(session, case_id=case_id, cell_id=signed_in.agent.cell_id)
                messages = conversations.list_recent_messages(session, case.person_id or "", limit=200)
                ids = [message.id for message in messages]
                on_the_way, kept = deliveries.deliveries_of(session, ids), files.files_of(session, ids)
        except CaseNotFound:
            return pages.render(
                "not_found.html",
                language=language,
                signed_in=signed_in,
                cell=self._cell_name(signed_in),
                status_code=404,
            )
        before, since = pages.split_at_opening(messages, case)
        return pages.render(
            "case.html",
            language=language,
            status_code=status_code,
            signed_in=signed_in,
            cell=self._cell_name(signed_in),
            case=case,
            before=before[-20:],
            since=since,
            last=since[-1].id if since else 0,
            deliveries=on_the_way,
            files=kept,
            channel_words=files_of_case.channel_words(language),
            lines=pages.summary_lines(case, self._library, language),
            place=pages.place_name(self._library, case.place_id, language),
            error=error,
            draft=draft,
        )

    def _agent(self, key: str | None) -> SignedIn | None:
        with self._database.read() as session:
            return accounts.find_signed_in(session, key, utc_now())

    def _cell_name(self, signed_in: SignedIn) -> str:
        cell = self._library.cells.get(signed_in.agent.cell_id)
        return cell.name[signed_in.agent.language] if cell else signed_in.agent.cell_id


def _browser_language(request: Request, settings: Settings) -> str:
    asked = parse_answer_language(request.query_params.get("language"))
    return asked or settings.default_language
