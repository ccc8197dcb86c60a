"""The desk: all its pages behind one door."""

from collections.abc import Mapping

from fastapi import APIRouter

from bot.clock import Clock, utc_now
from bot.files import FileCabinet
from bot.settings import Settings
from bot.store.database import Database
from bot.turn import TurnTaker
from channels.channel import Channel
from channels.desk.acts import CaseActs
from channels.desk.answers import AnswerPages
from channels.desk.case_pages import CasePages
from channels.desk.cell_pages import CellPages
from channels.desk.chat_pages import ChatPages
from channels.desk.files_of_case import FilePages
from channels.desk.leads import LeadPages
from channels.desk.list_pages import ListPages
from channels.desk.live import Live
from channels.desk.pending import PendingPages
from channels.desk.watch import Watch
from channels.staff.account import AccountPages
from channels.staff.audit import AuditPages
from channels.staff.front import Deliver, Front
from channels.staff.people import PeoplePages
from channels.staff.sign_in import SignInPages
from knowledge.library import Library


class Desk:
    """The desk's pages over one database."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        library: Library,
        assistant: TurnTaker,
        deliver: Deliver,
        *,
        cabinet: FileCabinet,
        channels: Mapping[str, Channel],
        now: Clock = utc_now,
    ) -> None:
        self.front = Front(settings, database, library, assistant, deliver, now)
        self._cabinet = cabinet
        self._channels = channels
        self.watch = Watch(self.front)

    def router(self) -> APIRouter:
        """All routes of the staff's pages."""
        router = APIRouter()
        case_pages = CasePages(self.front)
        cell_pages = CellPages(self.front, self._channels)
        for pages in (
            SignInPages(self.front),
            AccountPages(self.front),
            PeoplePages(self.front),
            AuditPages(self.front),
            ListPages(self.front),
            case_pages,
            CaseActs(self.front, case_pages),
            FilePages(self.front, self._cabinet),
            AnswerPages(self.front),
            cell_pages,
            ChatPages(self.front, cell_pages, self._channels),
            PendingPages(self.front),
            LeadPages(self.front),
            Live(self.front),
        ):
            # Not included but taken over: each router inside a router makes FastAPI look at every route once more.
            router.routes.extend(pages.router().routes)
        return router
