"""Cases that wait for a cell: an administrator gives them to one. No word of the person is shown here."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot.cases import lifecycle, repository, service, staff_queries
from bot.cases.routing import distance_km
from bot.errors import CaseNotFound
from bot.languages import parse_answer_language
from channels.desk import pages
from channels.staff.front import PREFIX, Front, must_have, staff_router


class PendingPages:
    """What fell to no cell."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def router(self) -> APIRouter:
        """The routes of pending cases."""
        router = staff_router(self._front)
        router.add_api_route("/pending", self.get_pending, methods=["GET"])
        router.add_api_route("/pending/{case_id}", self.post_pending, methods=["POST"])
        return router

    async def get_pending(self, request: Request) -> Response:
        """The cases that wait."""
        me = must_have(request, "administrator")
        with self._front.database.read() as session:
            cases = repository.list_pending(session)
        language = me.agent.language
        return self._front.page(
            request,
            "pending.html",
            here="pending",
            rows=[(case, pages.place_name(self._front.library, case.place_id, language)) for case in cases],
            cells=[(cell.id, cell.name[language]) for cell in self._front.library.routable_cells],
        )

    async def post_pending(self, request: Request, case_id: str) -> Response:
        """Give a case to a cell; the person is told."""
        me, form, now = must_have(request, "administrator"), await request.form(), self._front.now()
        cell = self._front.library.cells.get(str(form.get("cell") or ""))
        if cell is None or not cell.is_routable:
            raise CaseNotFound
        with self._front.database.write() as session:
            case = repository.get_pending(session, case_id)
            place = self._front.library.places.get(case.place_id)
            distance = distance_km(cell, latitude=place.latitude, longitude=place.longitude) if place else 0.0
            lifecycle.give_to_cell(
                session,
                case,
                cell_id=cell.id,
                distance_km=distance,
                now=now,
                terms_of=self._front.terms_of(session),
            )
            language = parse_answer_language(case.language) or "fr"
            said = self._front.assistant.say(
                "utter_case_transferred", language, reference=case.reference, cell=cell.name[language]
            )
            service.tell(session, case, said, author="bot", now=now)
            staff_queries.add_audit(session, me.agent, "given_to_cell", now=now, subject=case.reference, to=cell.id)
        if case.person_id:
            await self._front.deliver(case.person_id)
        return RedirectResponse(f"{PREFIX}/pending", status_code=303)
