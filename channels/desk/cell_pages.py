"""How a cell works: hours, holidays, absences, topics, languages, room, where notices go. Set by its lead."""

from collections.abc import Mapping
from datetime import date, timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from bot.aliases import find_alias
from bot.cases import cell_queries, notice_chats, staff_queries
from bot.cases.cells import Absence, CellSettings
from bot.cases.notice_chats import NoticeChat
from bot.cases.office_hours import HoursInvalid, Week, format_spans, parse_spans
from bot.deliveries import PULLED_CHANNELS
from bot.languages import ANSWER_LANGUAGES
from bot.secrets import new_id
from channels.channel import Channel
from channels.staff.front import PREFIX, Forbidden, Front, must_have, staff_router
from knowledge.calendar import WEEKDAYS, load_calendar
from knowledge.reception import get_reception

_MOST_CASES = 10_000
_LONGEST_ABSENCE = timedelta(days=366)
_LONGEST_EMAIL = 254


class CellPages:
    """The cell's own settings."""

    def __init__(self, front: Front, channels: Mapping[str, Channel]) -> None:
        self._front = front
        self._channels = channels

    def router(self) -> APIRouter:
        """The routes of a cell's settings."""
        router = staff_router(self._front)
        router.add_api_route("/cell", self.get_cell, methods=["GET"])
        router.add_api_route("/cell", self.post_cell, methods=["POST"])
        router.add_api_route("/cell/absences", self.post_absence, methods=["POST"])
        router.add_api_route("/cell/absences/{absence_id}/delete", self.delete_absence, methods=["POST"])
        return router

    async def get_cell(self, request: Request) -> Response:
        """How the cell works."""
        return self.show(request)

    async def post_cell(self, request: Request) -> Response:
        """Change how the cell works; the hours count as confirmed from now."""
        me, form, now = must_have(request, "lead"), await request.form(), self._front.now()
        week = [str(form.get(f"week_{day}") or "").strip() for day in WEEKDAYS]
        ramadan = [str(form.get(f"ramadan_{day}") or "").strip() for day in WEEKDAYS]
        email = str(form.get("notice_email") or "").strip()[:_LONGEST_EMAIL]
        try:
            for text in week + ramadan:
                parse_spans(text)
        except HoursInvalid as invalid:
            return self.show(request, error="error_hours", wrong=str(invalid), week=week, ramadan=ramadan)
        if email and ("@" not in email or any(letter.isspace() for letter in email)):
            return self.show(request, error="error_email", wrong=email, week=week, ramadan=ramadan)
        with self._front.database.write() as session:
            row = cell_queries.find_settings(session, me.agent.cell_id) or CellSettings(cell_id=me.agent.cell_id)
            row.week, row.ramadan_week, row.notice_email = week, ramadan, email
            self._take_choices(row, form)
            row.hours_confirmed_at = row.changed_at = now
            session.add(row)
            staff_queries.add_audit(session, me.agent, "cell_changed", now=now, subject=me.agent.cell_id)
        return RedirectResponse(f"{PREFIX}/cell", status_code=303)

    def _take_choices(self, row: CellSettings, form: FormData) -> None:
        topics = self._topics()
        chosen = [topic for topic in topics if topic in form.getlist("topics")]
        languages: list[str] = [code for code in ANSWER_LANGUAGES if code in form.getlist("languages")]
        capacity = str(form.get("capacity") or "")
        # All of them chosen means: whatever there will be.
        row.topics = [] if len(chosen) == len(topics) else chosen
        row.languages = [] if len(languages) == len(ANSWER_LANGUAGES) else languages
        row.capacity = min(int(capacity), _MOST_CASES) if capacity.isdecimal() else 0
        row.keeps_holidays = form.get("keeps_holidays") == "1"
        row.is_accepting = form.get("is_accepting") == "1"

    async def post_absence(self, request: Request) -> Response:
        """Close the cell for some days, or say who is away."""
        me, form = must_have(request, "agent", "lead"), await request.form()
        agent_id = str(form.get("agent") or "") or None
        if not me.agent.has_role("lead") and agent_id != me.agent.id:
            raise Forbidden
        try:
            first, last = (date.fromisoformat(str(form.get(name) or "")) for name in ("first_day", "last_day"))
        except ValueError:
            return self.show(request, error="error_days")
        if not timedelta() <= last - first <= _LONGEST_ABSENCE:
            return self.show(request, error="error_days")
        with self._front.database.write() as session:
            known = {agent.id for agent in staff_queries.list_agents(session, cell_id=me.agent.cell_id)}
            if agent_id is not None and agent_id not in known:
                raise Forbidden
            session.add(
                Absence(id=new_id(), cell_id=me.agent.cell_id, agent_id=agent_id, first_day=first, last_day=last)
            )
        return RedirectResponse(f"{PREFIX}/cell#absences", status_code=303)

    async def delete_absence(self, request: Request, absence_id: str) -> Response:
        """Take an absence back."""
        me = must_have(request, "lead")
        with self._front.database.write() as session:
            cell_queries.delete_absence(session, absence_id=absence_id, cell_id=me.agent.cell_id)
        return RedirectResponse(f"{PREFIX}/cell#absences", status_code=303)

    def show(
        self,
        request: Request,
        *,
        error: str = "",
        wrong: str = "",
        week: list[str] | None = None,
        ramadan: list[str] | None = None,
        code: str = "",
        code_link: str = "",
    ) -> Response:
        """The page of the cell; with a code just made it is shown, once."""
        me, now = must_have(request, "agent", "lead"), self._front.now()
        cell = self._front.library.cells.get(me.agent.cell_id)
        if cell is None:
            raise Forbidden
        calendar = load_calendar()
        with self._front.database.read() as session:
            reception = get_reception(session, cell, now)
            absences = cell_queries.list_absences(session, from_day=now.date(), cell_id=cell.id)
            chats = _chats(session, cell.id)
            agents = staff_queries.list_agents(session, cell_id=cell.id)
        own = reception.settings
        today = now.date()
        return self._front.page(
            request,
            "cell.html",
            status_code=400 if error else 200,
            here="cell",
            may_edit=me.agent.has_role("lead"),
            own=own,
            weekdays=WEEKDAYS,
            week=week or (own.week if own and own.week else _texts(calendar.week)),
            ramadan=ramadan or (own.ramadan_week if own and own.ramadan_week else _texts(calendar.ramadan_week)),
            is_confirmed=reception.are_hours_confirmed,
            published=cell.hours[me.agent.language],
            opens_at=reception.hours.opens_at(now),
            is_open=reception.hours.is_open(now),
            holidays=[day for day in calendar.holidays(today.year, today.year + 1) if day.day >= today][:10],
            ramadans=[month for month in calendar.ramadans if month.last_day >= today][:1],
            absences=absences,
            agents=agents,
            names={agent.id: agent.username for agent in agents},
            topics=self._topics(),
            languages=ANSWER_LANGUAGES,
            chats=chats,
            chat_channels=[name for name in self._channels if name not in PULLED_CHANNELS],
            code=code,
            code_link=code_link,
            error=error,
            wrong=wrong,
        )

    def _topics(self) -> list[str]:
        return sorted({article.topic for article in self._front.library.articles.values()})


def _chats(session: Session, cell_id: str) -> list[tuple[NoticeChat, bool]]:
    """The chats in which a cell is told of its cases, and whether each can be written to."""
    found = []
    for chat in notice_chats.list_chats(session, cell_id):
        alias = find_alias(session, chat.person_id, chat.channel)
        found.append((chat, alias is not None and alias.is_reachable and alias.stopped_at is None))
    return found


def _texts(week: Week) -> list[str]:
    return [format_spans(week.get(day, ())) for day in range(len(WEEKDAYS))]
