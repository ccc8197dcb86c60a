"""Staff of a cell, as its lead sees it, or everybody, for an administrator: invite, change roles, pause, help out."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from bot.cases import staff_queries
from bot.cases.staff import ROLES, Agent, Role
from bot.languages import parse_answer_language
from channels.staff import invitations, second_factor
from channels.staff.accounts import SignedIn
from channels.staff.front import PREFIX, Forbidden, Front, must_have, staff_router

#: What a lead may give; the rest is for administrators.
_OF_A_CELL: tuple[Role, ...] = ("agent", "lead")


class PeoplePages:
    """The people who work here."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def router(self) -> APIRouter:
        """The routes about staff."""
        router = staff_router(self._front)
        router.add_api_route("/people", self.get_people, methods=["GET"])
        router.add_api_route("/people/invite", self.post_invite, methods=["POST"])
        router.add_api_route("/people/{agent_id}", self.post_person, methods=["POST"])
        return router

    async def get_people(self, request: Request) -> Response:
        """Who works here."""
        return self._people(request)

    async def post_invite(self, request: Request) -> Response:
        """A new invitation. Its link is shown once."""
        me, form = must_have(request, "lead", "administrator"), await request.form()
        roles = self._allowed(me, [str(role) for role in form.getlist("roles")])
        cell_id = str(form.get("cell") or me.agent.cell_id)
        if not me.agent.has_role("administrator"):
            cell_id = me.agent.cell_id
        if not roles or cell_id not in self._front.library.cells:
            return self._people(request, error="error_invite", status_code=400)
        with self._front.database.write() as session:
            token = invitations.invite(
                session,
                by=me.agent,
                cell_id=cell_id,
                roles=roles,
                language=parse_answer_language(str(form.get("language") or "")) or "fr",
                now=self._front.now(),
            )
        address = self._front.settings.public_url or str(request.base_url).rstrip("/")
        return self._people(request, link=f"{address}{PREFIX}/invitation/{token}")

    async def post_person(self, request: Request, agent_id: str) -> Response:
        """Change what somebody may do, or let them in again."""
        me, form = must_have(request, "lead", "administrator"), await request.form()
        act, now = str(form.get("act") or ""), self._front.now()
        with self._front.database.write() as session:
            agent = self._get(session, me, agent_id)
            match act:
                case "roles":
                    kept = [role for role in agent.roles if role not in self._grantable(me)]
                    agent.roles = sorted({*kept, *self._allowed(me, [str(role) for role in form.getlist("roles")])})
                    staff_queries.add_audit(
                        session, me.agent, "roles_changed", now=now, subject=agent.username, roles=agent.roles
                    )
                case "pause" | "resume" if agent.id != me.agent.id:
                    agent.is_active = act == "resume"
                    if not agent.is_active:
                        staff_queries.end_sessions(session, agent.id)
                    staff_queries.add_audit(session, me.agent, f"account_{act}d", now=now, subject=agent.username)
                case "unlock":
                    agent.locked_until, agent.failed_attempts = None, 0
                    staff_queries.add_audit(session, me.agent, "unlocked", now=now, subject=agent.username)
                case "second_factor_off" if agent.id != me.agent.id:
                    second_factor.turn_off(session, agent, by=me.agent, now=now)
        return RedirectResponse(f"{PREFIX}/people", status_code=303)

    def _get(self, session: Session, me: SignedIn, agent_id: str) -> Agent:
        agent = staff_queries.find_agent_by_id(session, agent_id)
        if agent is None:
            raise Forbidden
        if not me.agent.has_role("administrator") and (
            agent.cell_id != me.agent.cell_id or not set(agent.roles) <= set(_OF_A_CELL)
        ):
            raise Forbidden
        return agent

    def _grantable(self, me: SignedIn) -> tuple[Role, ...]:
        return ROLES if me.agent.has_role("administrator") else _OF_A_CELL

    def _allowed(self, me: SignedIn, roles: list[str]) -> list[Role]:
        return [role for role in self._grantable(me) if role in roles]

    def _people(self, request: Request, *, link: str = "", error: str = "", status_code: int = 200) -> Response:
        me = must_have(request, "lead", "administrator")
        is_administrator = me.agent.has_role("administrator")
        with self._front.database.read() as session:
            agents = staff_queries.list_agents(session, cell_id=None if is_administrator else me.agent.cell_id)
        return self._front.page(
            request,
            "people.html",
            status_code=status_code,
            here="people",
            agents=agents,
            names={agent.id: self._front.cell_name(agent.cell_id, me.agent.language) for agent in agents},
            roles=self._grantable(me),
            cells=[
                (cell.id, cell.name[me.agent.language])
                for cell in self._front.library.routable_cells
                if is_administrator or cell.id == me.agent.cell_id
            ],
            link=link,
            error=error,
            now=self._front.now(),
        )
