"""The page of a case: summary, why it is here, thread, what can be done. Its thread can be asked for alone."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from bot import conversations, deliveries, files
from bot.cases import lifecycle, repository, staff_queries, views
from bot.cases.model import Case
from bot.cases.notice_chats import NOTICE
from bot.window import window_of
from channels.desk import files_of_case, pages
from channels.desk.own_case import own_case
from channels.staff.front import Front, staff_router

_BEFORE = 20
DANGERS = ("violence", "trafficking", "child", "detention", "medical", "suicide", "sea", "other")


class CasePages:
    """One case."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def router(self) -> APIRouter:
        """The routes that show a case."""
        router = staff_router(self._front)
        router.add_api_route("/cases/{case_id}", self.get_case, methods=["GET"])
        router.add_api_route("/cases/{case_id}/thread", self.get_thread, methods=["GET"])
        return router

    async def get_case(self, request: Request, case_id: str) -> Response:
        """One case of the agent's cell."""
        with own_case(self._front, request, case_id, "write") as (session, case, me):
            lifecycle.see_mentions(session, case, agent_id=me.agent.id, now=self._front.now())
        return self.show(request, case_id)

    async def get_thread(self, request: Request, case_id: str) -> Response:
        """What changes by itself: the thread, the bars, what is due, and the version that replies must carry."""
        return self.show(request, case_id, template="thread.html")

    def show(
        self,
        request: Request,
        case_id: str,
        *,
        template: str = "case.html",
        error: str = "",
        draft: str = "",
        address: str = "",
        status_code: int = 200,
    ) -> Response:
        """The page of a case; raises CaseNotFound for those of other cells."""
        now = self._front.now()
        with own_case(self._front, request, case_id) as (session, case, me):
            values = self._read(session, case, me.agent.language, now)
        others = [agent for agent in values["agents"] if agent.id != me.agent.id and agent.is_active]
        return self._front.page(
            request,
            template,
            status_code=status_code,
            here="cases",
            case=case,
            error=error,
            draft=draft,
            address=address,
            others=others,
            is_mine=case.agent_id == me.agent.id,
            is_live=case.status in ("open", "assigned"),
            dangers=DANGERS,
            now=now,
            **values,
        )

    def _read(self, session: Session, case: Case, language: str, now: datetime) -> dict[str, Any]:
        library = self._front.library
        messages = repository.list_case_messages(session, case.id)
        events = repository.list_thread_events(session, case.id)
        others = repository.references_of(session, {event.case_id for event in events} - {case.id})
        agents = staff_queries.list_agents(session, cell_id=case.cell_id)
        known = {event.agent_id for event in events if event.agent_id} | {
            str(event.data.get("to")) for event in events if event.kind == "assigned"
        }
        names = views.names_of(session, known | {agent.id for agent in agents})
        before = [
            message
            for message in conversations.list_recent_messages(session, case.person_id or "", limit=200)
            if message.created_at < case.opened_at and message.case_id is None and message.payload != NOTICE
        ]
        shown = [message.id for message in (*before[-_BEFORE:], *messages)]
        window = window_of(session, case.person_id or "", case.channel)
        return {
            "before": before[-_BEFORE:],
            "deliveries": deliveries.deliveries_of(session, shown),
            "files": files.files_of(session, shown),
            "post_text": files_of_case.channel_words(language),
            "items": pages.thread(messages, events, names, library, language, others=others),
            "lines": pages.summary_lines(case, library, language),
            "route": pages.route_lines(case, library, language),
            "place": pages.place_name(library, case.place_id, language),
            "labels": repository.labels_of(session, [case.id]).get(case.id, []),
            "all_labels": repository.list_labels(session, case.cell_id),
            "siblings": self._siblings(session, case),
            "agents": agents,
            "owner": names.get(case.agent_id or "", ""),
            "due": pages.due_line(case, language, now),
            "window": window if window.closes_at is not None else None,
            "last_event": events[-1].id if events else 0,
            "cells": [(cell.id, cell.name[language]) for cell in library.routable_cells if cell.id != case.cell_id],
        }

    def _siblings(self, session: Session, case: Case) -> list[Case]:
        """Other cases of the same person at this cell that can be merged into this one."""
        if case.person_id is None or case.merged_into:
            return []
        found = repository.list_cases_of_person(session, case.person_id, cell_id=case.cell_id)
        return [other for other in found if other.id != case.id and not other.merged_into]
