"""The one door to the staff pages: who is it, may they, and is this form theirs. Every staff route goes through it.

A route of a ``staff_router`` runs only for a complete sign-in; whatever is not a GET must carry that session's form token.
"""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.routing import APIRoute
from sqlalchemy.orm import Session

from bot.cases import staff_queries
from bot.cases.service import TermsOf
from bot.cases.staff import Role
from bot.clock import Clock, utc_now
from bot.errors import CaseNotFound
from bot.languages import parse_answer_language
from bot.secrets import AddressBook
from bot.settings import Settings
from bot.store.database import Database
from bot.turn import TurnTaker
from channels.staff import accounts, pages
from channels.staff.accounts import SignedIn
from knowledge.library import Library
from knowledge.reception import terms_of

COOKIE = "dalil_desk"
PREFIX = "/desk"

#: How often it is written down that somebody is there.
_TOUCH_SECONDS = 45

Deliver = Callable[[str], Awaitable[None]]


class SignInNeeded(Exception):
    """Nobody has signed in, or not in this browser, or not completely."""


class Forbidden(Exception):
    """The role of this member of staff does not open this page."""


class FormForged(Exception):
    """A form that was not made for this session."""


@dataclass
class Front:
    """What every staff page needs."""

    settings: Settings
    database: Database
    library: Library
    assistant: TurnTaker
    deliver: Deliver
    now: Clock = utc_now

    def __post_init__(self) -> None:
        self.book = AddressBook(self.settings.resolved_secret_key)

    def find(self, request: Request) -> SignedIn:
        """Who asks; raises SignInNeeded. A key that comes from another browser than it was given to is ended at once."""
        key, browser, now = request.cookies.get(COOKIE), request.headers.get("user-agent", ""), self.now()
        with self.database.read() as session:
            me = accounts.find_signed_in(session, key, now, browser=browser)
            stolen_from = None if me else accounts.is_stolen(session, key, now, browser=browser)
        if stolen_from is not None:
            with self.database.write() as session:
                staff_queries.add_audit(session, stolen_from, "session_stolen", now=now)
                accounts.sign_out(session, key)
        if me is None:
            raise SignInNeeded
        self._touch(me, now)
        return me

    def _touch(self, me: SignedIn, now: datetime) -> None:
        seen_at = me.agent.seen_at
        if seen_at is None or (now - seen_at).total_seconds() > _TOUCH_SECONDS:
            with self.database.write() as session:
                staff_queries.touch(session, me.agent.id, me.key_hash, now)

    def terms_of(self, session: Session) -> TermsOf:
        """What each cell owes a person."""
        return terms_of(session, self.library, self.settings, self.now())

    def cell_name(self, cell_id: str, language: str) -> str:
        """A cell's name in a language."""
        cell = self.library.cells.get(cell_id)
        return cell.name[language] if cell else cell_id

    def page(self, request: Request, template: str, *, status_code: int = 200, **values: Any) -> Response:
        """A page for whoever is signed in."""
        me = signed_in(request)
        language = me.agent.language
        return pages.render(
            template,
            language=language,
            status_code=status_code,
            signed_in=me,
            cell=self.cell_name(me.agent.cell_id, language),
            **values,
        )

    def browser_language(self, request: Request) -> str:
        """The language of pages before anybody has signed in."""
        return parse_answer_language(request.query_params.get("language")) or self.settings.default_language


def signed_in(request: Request) -> SignedIn:
    """Who is signed in, on a route of a ``staff_router``."""
    me: SignedIn = request.state.me
    return me


def must_have(request: Request, *roles: Role) -> SignedIn:
    """Who is signed in, if they have one of these roles; raises Forbidden."""
    me = signed_in(request)
    if not me.agent.has_role(*roles):
        raise Forbidden
    return me


def staff_router(front: Front) -> APIRouter:
    """A router whose every route is behind the door."""

    class StaffRoute(APIRoute):
        """A route behind the door."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                try:
                    request.state.me = front.find(request)
                    if request.method not in ("GET", "HEAD"):
                        await _check_form(request)
                    return await handle(request)
                except SignInNeeded:
                    return _to_sign_in(request)
                except FormForged:
                    return await _forged(front, request)
                except Forbidden:
                    return front.page(request, "refused.html", status_code=403, why="error_role", draft="")
                except CaseNotFound:
                    return front.page(request, "refused.html", status_code=404, why="error_not_found", draft="")

            return guarded

    return APIRouter(prefix=PREFIX, include_in_schema=False, route_class=StaffRoute)


async def _check_form(request: Request) -> None:
    form = await request.form()
    token = str(form.get("form_token") or request.headers.get("x-form-token") or "")
    if not accounts.is_own_form(signed_in(request), token):
        raise FormForged


async def _forged(front: Front, request: Request) -> Response:
    draft = str((await request.form()).get("text") or "")
    return front.page(request, "refused.html", status_code=403, why="error_forbidden", draft=draft)


def _to_sign_in(request: Request) -> Response:
    if "text/html" in request.headers.get("accept", "*/*") or request.headers.get("accept", "*/*") == "*/*":
        response: Response = RedirectResponse(f"{PREFIX}/sign-in", status_code=303)
    else:
        response = JSONResponse({"error": "sign_in_needed"}, status_code=401)
    return response
