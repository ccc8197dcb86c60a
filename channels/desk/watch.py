"""The quiet clockwork of the desk: reminds a cell of what is due, a person of a closing window, and a cell that nobody watches.

Every reminder is written down under the case's lock, so that it is given once however many processes run.
"""

import asyncio
import logging
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.cases import cell_queries, record, repository, service, staff_queries
from bot.cases.cells import CellSettings
from bot.cases.model import Case
from bot.languages import parse_answer_language
from bot.window import WINDOW_OF_CHANNEL, window_of
from channels.desk.chat_notices import ChatNotices
from channels.desk.notices import Notice, send_notice
from channels.staff.front import Front

log = logging.getLogger(__name__)

_EVERY_SECONDS = 30
#: Office time before something is due at which its cell is reminded.
REMIND_BEFORE = timedelta(minutes=30)
#: How long before a window closes its person is asked to write.
WINDOW_CLOSES_IN = timedelta(hours=2)
#: A cell is not written to more often than this, but for danger.
_NOTICE_EVERY = timedelta(minutes=30)
_CALLING = ("opened", "arrived", "wrote", "reopened", "reminded")


class Watch:
    """Looks around twice a minute."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._chats = ChatNotices(front)

    async def run(self) -> None:
        """Look around until cancelled."""
        while True:
            try:
                await self.look_around()
            except (SQLAlchemyError, OSError):
                log.exception("watch_failed")  # looked at again in a moment
            await asyncio.sleep(_EVERY_SECONDS)

    async def look_around(self) -> None:
        """One round."""
        now = self._front.now()
        self.remind_of_due(now)
        for person_id in self.remind_of_windows(now):
            await self._front.deliver(person_id)
        for notice in self.notices(now):
            await asyncio.to_thread(send_notice, self._front.settings, notice)
        for person_id in self._chats.tell(now):
            await self._front.deliver(person_id)

    def remind_of_due(self, now: datetime) -> int:
        """Remind cells, in their office hours, of what is due soon; returns of how many cases."""
        with self._front.database.read() as session:
            cases = repository.list_due(session, before=now + timedelta(days=5))
            terms = self._front.terms_of(session)
            due = [case for case in cases if _is_due_soon(case, terms, now)]
        for case in due:
            with self._front.database.write() as session:
                locked = repository.get_case(session, case_id=case.id, cell_id=case.cell_id, lock=True)
                if locked.reminded_at is None and locked.status != "closed":
                    locked.reminded_at = now
                    record.add(session, locked, "reminded", at=now)
        return len(due)

    def remind_of_windows(self, now: datetime) -> list[str]:
        """Ask people who wait for us to write a word before their channel closes; returns whom."""
        reminded = []
        for channel in WINDOW_OF_CHANNEL:
            with self._front.database.read() as session:
                cases = [case for case in repository.list_live_on(session, channel) if self._closes(session, case, now)]
            for case in cases:
                with self._front.database.write() as session:
                    locked = repository.get_case(session, case_id=case.id, cell_id=case.cell_id, lock=True)
                    if not self._closes(session, locked, now):
                        continue
                    locked.window_reminded_at = now
                    language = parse_answer_language(locked.language) or "fr"
                    said = self._front.assistant.say("utter_window_closing", language, reference=locked.reference)
                    service.tell(session, locked, said, author="bot", now=now)
                    reminded.append(locked.person_id or "")
        return reminded

    def notices(self, now: datetime) -> list[Notice]:
        """Notices for cells in which something waits and nobody has the desk open."""
        if not self._front.settings.smtp_host:
            return []
        found = []
        with self._front.database.write() as session:
            for settings in cell_queries.list_settings(session):
                notice = self._notice(session, settings, now) if settings.notice_email else None
                if notice is not None:
                    found.append(notice)
        return found

    def _notice(self, session: Session, settings: CellSettings, now: datetime) -> Notice | None:
        cell_id = settings.cell_id
        if staff_queries.is_anybody_online(session, cell_id, now):
            settings.notified_event = repository.last_event_id(session, cell_id)
            return None
        news = [
            event
            for event in repository.list_news(session, cell_id=cell_id, after=settings.notified_event, limit=1000)
            if event.kind in _CALLING
        ]
        urgent = repository.count_urgent(session, {event.case_id for event in news})
        recently = settings.notified_at is not None and now - settings.notified_at < _NOTICE_EVERY
        if not news or (recently and not urgent):
            return None
        settings.notified_event, settings.notified_at = news[-1].id, now
        agents = staff_queries.list_agents(session, cell_id=cell_id)
        return Notice(
            to=settings.notice_email,
            language=agents[0].language if agents else "fr",
            cases=len({event.case_id for event in news}),
            urgent=urgent,
            address=f"{self._front.settings.public_url}/desk" if self._front.settings.public_url else "",
        )

    def _closes(self, session: Session, case: Case, now: datetime) -> bool:
        if case.person_id is None or case.window_reminded_at is not None or case.waiting_since is None:
            return False
        closes_at = window_of(session, case.person_id, case.channel).closes_at
        return closes_at is not None and now < closes_at <= now + WINDOW_CLOSES_IN


def _is_due_soon(case: Case, terms_of: service.TermsOf, now: datetime) -> bool:
    hours = terms_of(case.cell_id).hours
    if not hours.is_open(now):
        return False  # nobody is reminded at night or at the weekend
    due = [moment for moment in (case.reply_due_at, case.resolution_due_at) if moment is not None]
    return any(hours.between(now, moment) <= REMIND_BEFORE for moment in due)
