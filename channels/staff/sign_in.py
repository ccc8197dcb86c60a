"""Coming in: password, second factor, invitation. These pages, and signing out, are all that is open to strangers."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot.cases import staff_queries
from channels.staff import accounts, invitations, pages, second_factor
from channels.staff.accounts import PasswordTooShort, UsernameInvalid
from channels.staff.front import COOKIE, PREFIX, Front

_LONGEST_NAME, _LONGEST_PASSWORD = 64, 200


class SignInPages:
    """The pages before the door."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def router(self) -> APIRouter:
        """The routes that are open to strangers."""
        router = APIRouter(prefix=PREFIX, include_in_schema=False)
        router.add_api_route("/sign-in", self.get_sign_in, methods=["GET"])
        router.add_api_route("/sign-in", self.post_sign_in, methods=["POST"])
        router.add_api_route("/second-factor", self.get_second_factor, methods=["GET"])
        router.add_api_route("/second-factor", self.post_second_factor, methods=["POST"])
        router.add_api_route("/sign-out", self.post_sign_out, methods=["POST"])
        router.add_api_route("/invitation/{token}", self.get_invitation, methods=["GET"])
        router.add_api_route("/invitation/{token}", self.post_invitation, methods=["POST"])
        return router

    async def get_sign_in(self, request: Request) -> Response:
        """The sign-in page."""
        return pages.render("sign_in.html", language=self._front.browser_language(request), failed=False)

    async def post_sign_in(self, request: Request) -> Response:
        """Sign in, or say that it failed."""
        form = await request.form()
        with self._front.database.write() as session:
            begun = accounts.sign_in(
                session,
                username=str(form.get("username") or "")[:_LONGEST_NAME],
                password=str(form.get("password") or "")[:_LONGEST_PASSWORD],
                browser=request.headers.get("user-agent", ""),
                now=self._front.now(),
            )
        if begun is None:
            language = self._front.browser_language(request)
            return pages.render("sign_in.html", language=language, failed=True, status_code=401)
        response = RedirectResponse(f"{PREFIX}/second-factor" if begun.needs_code else PREFIX, status_code=303)
        self._set_cookie(response, begun.key)
        return response

    async def get_second_factor(self, request: Request) -> Response:
        """The page that asks for the code."""
        with self._front.database.read() as session:
            half = self._half_signed_in(session, request)
        if half is None:
            return RedirectResponse(f"{PREFIX}/sign-in", status_code=303)
        return pages.render(
            "second_factor.html", language=half.agent.language, failed=False, form_token=half.form_token
        )

    async def post_second_factor(self, request: Request) -> Response:
        """Check the code. A wrong one counts like a wrong password."""
        form = await request.form()
        with self._front.database.write() as session:
            half = self._half_signed_in(session, request)
            if half is None or not accounts.is_own_form(half, str(form.get("form_token") or "")):
                return RedirectResponse(f"{PREFIX}/sign-in", status_code=303)
            now, code = self._front.now(), str(form.get("code") or "")[:20]
            is_good = second_factor.check(session, self._front.book, half.agent, code, now)
            key = accounts.complete(session, half.agent, request.cookies[COOKIE], now) if is_good else ""
        if not is_good:
            return pages.render(
                "second_factor.html",
                language=half.agent.language,
                failed=True,
                form_token=half.form_token,
                status_code=401,
            )
        response = RedirectResponse(PREFIX, status_code=303)
        self._set_cookie(response, key)
        return response

    async def post_sign_out(self, request: Request) -> Response:
        """End the session."""
        key, form = request.cookies.get(COOKIE), await request.form()
        browser = request.headers.get("user-agent", "")
        with self._front.database.write() as session:
            me = accounts.find_signed_in(session, key, self._front.now(), browser=browser)
            if me is not None and accounts.is_own_form(me, str(form.get("form_token") or "")):
                accounts.sign_out(session, key)
                staff_queries.add_audit(session, me.agent, "signed_out", now=self._front.now())
        response = RedirectResponse(f"{PREFIX}/sign-in", status_code=303)
        response.delete_cookie(COOKIE, path=PREFIX)
        return response

    async def get_invitation(self, request: Request, token: str) -> Response:
        """The page on which an invited person makes their account."""
        return self._invitation(request, token)

    async def post_invitation(self, request: Request, token: str) -> Response:
        """Make the account, and sign in."""
        form = await request.form()
        username = str(form.get("username") or "").strip().lower()[:_LONGEST_NAME]
        password = str(form.get("password") or "")[:_LONGEST_PASSWORD]
        try:
            with self._front.database.write() as session:
                invitation = invitations.find(session, token, self._front.now())
                if invitation is not None:
                    invitations.accept(session, invitation, username=username, password=password, now=self._front.now())
        except PasswordTooShort:
            return self._invitation(request, token, username=username, error="error_password_short", status_code=400)
        except UsernameInvalid:
            return self._invitation(request, token, username=username, error="error_username", status_code=400)
        if invitation is None:
            return self._invitation(request, token)
        return RedirectResponse(f"{PREFIX}/sign-in?language={invitation.language}", status_code=303)

    def _invitation(
        self, request: Request, token: str, *, username: str = "", error: str = "", status_code: int = 200
    ) -> Response:
        with self._front.database.read() as session:
            invitation = invitations.find(session, token, self._front.now())
        asked = request.query_params.get("language")
        language = asked or (invitation.language if invitation else self._front.settings.default_language)
        return pages.render(
            "invitation.html",
            language=language,
            status_code=status_code if invitation else 404,
            invitation=invitation,
            cell=self._front.cell_name(invitation.cell_id, language)
            if invitation and language in ("ar", "fr", "en")
            else "",
            username=username,
            error=error,
        )

    def _half_signed_in(self, session: object, request: Request) -> accounts.SignedIn | None:
        return accounts.find_signed_in(
            session,  # type: ignore[arg-type]
            request.cookies.get(COOKIE),
            self._front.now(),
            browser=request.headers.get("user-agent", ""),
            is_complete=False,
        )

    def _set_cookie(self, response: Response, key: str) -> None:
        response.set_cookie(
            COOKIE,
            key,
            max_age=int(accounts.SESSION_TIME.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=self._front.settings.public_url.startswith("https"),
            path=PREFIX,
        )
