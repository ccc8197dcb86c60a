"""What agents do with a case. Each act is one form, one transaction, and a page that says what became of it."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from bot.aliases import list_addresses
from bot.cases import lifecycle, repository, service, staff_queries
from bot.cases.lifecycle import LONGEST_NOTE
from bot.cases.model import Case
from bot.cases.routing import distance_km
from bot.errors import CaseChanged, CaseClosed, CasesApart, NotOwner
from bot.languages import AnswerLanguage, parse_answer_language
from bot.messages import OutboundMessage
from channels.desk.answers import article_text
from channels.desk.case_pages import DANGERS, CasePages
from channels.desk.mentions import mentioned_in
from channels.desk.own_case import own_case
from channels.staff.accounts import SignedIn
from channels.staff.front import PREFIX, Forbidden, Front, staff_router

LONGEST_REPLY = 4000
_SHORTEST_REASON, _LONGEST_REASON = 3, 300

#: An act on a case under a lock; the name of an error, or "".
Act = Callable[[Session, Case, FormData, SignedIn], str]

_ERRORS: dict[type[Exception], str] = {
    CaseClosed: "error_closed",
    CaseChanged: "error_changed",
    NotOwner: "error_not_owner",
    CasesApart: "error_apart",
}


class CaseActs:
    """The forms of a case's page."""

    def __init__(self, front: Front, pages: CasePages) -> None:
        self._front = front
        self._pages = pages

    def router(self) -> APIRouter:
        """One route for each act."""
        router = staff_router(self._front)
        acts: dict[str, Act] = {
            "reply": self._reply,
            "note": self._note,
            "take": self._take,
            "release": self._release,
            "assign": self._assign,
            "transfer": self._transfer,
            "close": self._close,
            "labels": self._labels,
            "urgency": self._urgency,
            "merge": self._merge,
        }
        for name, act in acts.items():
            router.add_api_route(f"/cases/{{case_id}}/{name}", self._route(name, act), methods=["POST"])
        router.add_api_route("/cases/{case_id}/address", self.post_address, methods=["POST"])
        return router

    def _route(self, name: str, act: Act) -> Callable[..., object]:
        async def post(request: Request, case_id: str) -> Response:
            form = await request.form()
            # An internal note that was refused never comes back in the field of the reply.
            draft = str(form.get("text") or "").strip() if name == "reply" else ""
            error, person_id = "", None
            try:
                with own_case(self._front, request, case_id, "change") as (session, case, me):
                    person_id = case.person_id
                    error = act(session, case, form, me)
                    if error:
                        session.rollback()
            except tuple(_ERRORS) as refusal:
                error = _ERRORS[type(refusal)]
            if error:
                status = 400 if error in ("error_empty", "error_reason", "error_cell") else 409
                return self._pages.show(request, case_id, error=error, draft=draft, status_code=status)
            if person_id and name in ("reply", "close", "transfer"):
                await self._front.deliver(person_id)
            return RedirectResponse(_after(name, case_id), status_code=303)

        return post

    def _reply(self, session: Session, case: Case, form: FormData, me: SignedIn) -> str:
        language = _language_of(case)
        article_id, words = str(form.get("article") or ""), str(form.get("text") or "").strip()
        if article_id:
            words = article_text(self._front, article_id, language)
        if not words or len(words) > LONGEST_REPLY:
            return "error_empty"
        service.reply(
            session,
            case,
            agent_id=me.agent.id,
            message=OutboundMessage(text=words, language=case.language),
            now=self._front.now(),
            terms_of=self._front.terms_of(session),
            version=_version(form),
        )
        return ""

    def _note(self, session: Session, case: Case, form: FormData, me: SignedIn) -> str:
        text = str(form.get("text") or "").strip()
        if not text or len(text) > LONGEST_NOTE:
            return "error_empty"
        colleagues = staff_queries.list_agents(session, cell_id=me.agent.cell_id)
        mentions = mentioned_in(text, {agent.username: agent.id for agent in colleagues if agent.is_active})
        lifecycle.note(session, case, text=text, mentions=mentions, by=me.agent.id, now=self._front.now())
        return ""

    def _take(self, session: Session, case: Case, form: FormData, me: SignedIn) -> str:
        lifecycle.assign(session, case, to=me.agent.id, by=me.agent.id, now=self._front.now(), version=_version(form))
        return ""

    def _release(self, session: Session, case: Case, form: FormData, me: SignedIn) -> str:
        lifecycle.release(session, case, by=me.agent.id, now=self._front.now(), version=_version(form))
        return ""

    def _assign(self, session: Session, case: Case, form: FormData, me: SignedIn) -> str:
        to = staff_queries.find_agent_by_id(session, str(form.get("to") or ""))
        if to is None or not to.is_active or to.cell_id != me.agent.cell_id or not to.has_role("agent", "lead"):
            return "error_agent"
        if case.agent_id not in (None, me.agent.id) and not me.agent.has_role("lead"):
            raise NotOwner
        lifecycle.assign(session, case, to=to.id, by=me.agent.id, now=self._front.now(), version=_version(form))
        return ""

    def _transfer(self, session: Session, case: Case, form: FormData, me: SignedIn) -> str:
        cell = self._front.library.cells.get(str(form.get("cell") or ""))
        place = self._front.library.places.get(case.place_id)
        reason = lifecycle.one_line(str(form.get("reason") or ""))[:_LONGEST_REASON]
        if cell is None or not cell.is_routable or cell.id == case.cell_id:
            return "error_cell"
        if len(reason) < _SHORTEST_REASON:
            return "error_reason"
        distance = distance_km(cell, latitude=place.latitude, longitude=place.longitude) if place else 0.0
        lifecycle.transfer(
            session,
            case,
            to=cell.id,
            distance_km=distance,
            reason=reason,
            by=me.agent.id,
            now=self._front.now(),
            terms_of=self._front.terms_of(session),
            version=_version(form),
        )
        language = _language_of(case)
        said = self._front.assistant.say(
            "utter_case_transferred", language, reference=case.reference, cell=cell.name[language]
        )
        service.tell(session, case, said, author="bot", now=self._front.now())
        staff_queries.add_audit(
            session, me.agent, "transferred", now=self._front.now(), subject=case.reference, to=cell.id
        )
        return ""

    def _close(self, session: Session, case: Case, form: FormData, me: SignedIn) -> str:
        closing = self._front.assistant.say("utter_case_closed", _language_of(case), reference=case.reference)
        service.close_case(
            session,
            case,
            agent_id=me.agent.id,
            closing=closing,
            now=self._front.now(),
            terms_of=self._front.terms_of(session),
            version=_version(form),
        )
        return ""

    def _labels(self, session: Session, case: Case, form: FormData, me: SignedIn) -> str:
        names = str(form.get("labels") or "").replace("،", ",").split(",")
        lifecycle.set_labels(session, case, names, by=me.agent.id, now=self._front.now())
        return ""

    def _urgency(self, session: Session, case: Case, form: FormData, me: SignedIn) -> str:
        urgency = str(form.get("urgency") or "")
        if urgency in ("", *DANGERS):
            lifecycle.set_urgency(
                session,
                case,
                urgency,
                by=me.agent.id,
                now=self._front.now(),
                terms_of=self._front.terms_of(session),
            )
        return ""

    def _merge(self, session: Session, case: Case, form: FormData, me: SignedIn) -> str:
        source = repository.get_case(
            session, case_id=str(form.get("source") or ""), cell_id=me.agent.cell_id, lock=True
        )
        now = self._front.now()
        lifecycle.merge(session, source, case, by=me.agent.id, now=now, terms_of=self._front.terms_of(session))
        staff_queries.add_audit(session, me.agent, "merged", now=now, subject=case.reference, source=source.reference)
        return ""

    async def post_address(self, request: Request, case_id: str) -> Response:
        """Show the person's address, on a stated reason; that is written down before it is shown."""
        form = await request.form()
        reason = lifecycle.one_line(str(form.get("reason") or ""))[:_LONGEST_REASON]
        with own_case(self._front, request, case_id, "write") as (session, case, me):
            if case.status == "closed" and not me.agent.has_role("lead"):
                raise Forbidden
            if len(reason) < _SHORTEST_REASON:
                return self._pages.show(request, case_id, error="error_reason", status_code=400)
            addresses = list_addresses(session, self._front.book, case.person_id or "")
            staff_queries.add_audit(
                session, me.agent, "address_shown", now=self._front.now(), subject=case.reference, reason=reason
            )
        shown = " · ".join(f"{channel}: {address}" for channel, address in addresses)
        return self._pages.show(request, case_id, address=shown or "-")


def _version(form: FormData) -> int | None:
    text = str(form.get("version") or "")
    return int(text) if text.isdecimal() else None


def _language_of(case: Case) -> AnswerLanguage:
    return parse_answer_language(case.language) or "fr"


def _after(name: str, case_id: str) -> str:
    if name in ("close", "transfer"):
        return f"{PREFIX}?done={name}"
    if name == "reply":
        return f"{PREFIX}/cases/{case_id}?sent=1#reply"
    return f"{PREFIX}/cases/{case_id}{'?noted=1' if name == 'note' else ''}"
