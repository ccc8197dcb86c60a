"""A member of staff's own account: language, password, second factor, where they are signed in."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot.cases import staff_queries
from bot.languages import parse_answer_language
from channels.staff import accounts, second_factor
from channels.staff.accounts import PasswordTooShort
from channels.staff.front import PREFIX, Front, signed_in, staff_router

_PAGE = f"{PREFIX}/account"


class AccountPages:
    """One's own account."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def router(self) -> APIRouter:
        """The routes of one's own account."""
        router = staff_router(self._front)
        router.add_api_route("/account", self.get_account, methods=["GET"])
        router.add_api_route("/language", self.post_language, methods=["POST"])
        router.add_api_route("/account/password", self.post_password, methods=["POST"])
        router.add_api_route("/account/second-factor", self.post_second_factor, methods=["POST"])
        router.add_api_route("/account/sessions", self.post_sessions, methods=["POST"])
        return router

    async def get_account(self, request: Request) -> Response:
        """The account."""
        return self._account(request)

    async def post_language(self, request: Request) -> Response:
        """Change the language of one's pages, and come back to the page."""
        me, form = signed_in(request), await request.form()
        chosen = parse_answer_language(str(form.get("language") or ""))
        if chosen:
            with self._front.database.write() as session:
                staff_queries.get_agent(session, me.agent.id).language = chosen
        back = str(form.get("back") or PREFIX)
        return RedirectResponse(back if _is_ours(back) else PREFIX, status_code=303)

    async def post_password(self, request: Request) -> Response:
        """Change the password; every other session ends."""
        me, form = signed_in(request), await request.form()
        try:
            with self._front.database.write() as session:
                is_changed = accounts.change_password(
                    session,
                    staff_queries.get_agent(session, me.agent.id),
                    old=str(form.get("old") or "")[:200],
                    new=str(form.get("new") or "")[:200],
                    keep=me.key_hash,
                    now=self._front.now(),
                )
        except PasswordTooShort:
            return self._account(request, error="error_password_short", status_code=400)
        if not is_changed:
            return self._account(request, error="error_password_wrong", status_code=400)
        return self._account(request, done="done_password")

    async def post_second_factor(self, request: Request) -> Response:
        """Begin, confirm or turn off the second factor."""
        me, form, now = signed_in(request), await request.form(), self._front.now()
        act, code, secret = str(form.get("act") or ""), str(form.get("code") or "")[:20], ""
        with self._front.database.write() as session:
            agent = staff_queries.get_agent(session, me.agent.id)
            if act == "begin" and agent.totp_since is None:
                secret, is_good = second_factor.begin(session, self._front.book, agent), True
            elif act == "confirm" and agent.totp_since is None:
                is_good = second_factor.confirm(session, self._front.book, agent, code, now)
            elif act == "off" and agent.totp_since is not None:
                is_good = second_factor.check(session, self._front.book, agent, code, now)
                if is_good:
                    second_factor.turn_off(session, agent, by=agent, now=now)
            else:
                is_good = True
        if not is_good:
            return self._account(request, error="error_code", status_code=400)
        if secret:
            return self._account(request, secret=secret, qr=second_factor.qr_code(agent, secret))
        return RedirectResponse(_PAGE, status_code=303)

    async def post_sessions(self, request: Request) -> Response:
        """End one session, or all but this one."""
        me, form = signed_in(request), await request.form()
        with self._front.database.write() as session:
            only = str(form.get("session") or "")
            staff_queries.end_sessions(session, me.agent.id, but=me.key_hash, only=only)
            staff_queries.add_audit(session, me.agent, "sessions_ended", now=self._front.now())
        return RedirectResponse(_PAGE, status_code=303)

    def _account(
        self,
        request: Request,
        *,
        error: str = "",
        done: str = "",
        secret: str = "",
        qr: str = "",
        status_code: int = 200,
    ) -> Response:
        me = signed_in(request)
        with self._front.database.read() as session:
            sessions = staff_queries.list_sessions(session, me.agent.id, self._front.now())
            agent = staff_queries.get_agent(session, me.agent.id)
        return self._front.page(
            request,
            "account.html",
            status_code=status_code,
            here="account",
            agent=agent,
            sessions=sessions,
            error=error,
            done=done,
            secret=secret,
            qr=qr,
            shortest=accounts.SHORTEST_PASSWORD,
        )


def _is_ours(path: str) -> bool:
    """Whether a page to go back to is one of the staff's: never another site."""
    return path == PREFIX or (path.startswith((f"{PREFIX}/", f"{PREFIX}?")) and "\\" not in path and "//" not in path)
