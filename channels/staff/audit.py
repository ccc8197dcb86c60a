"""The audit log: who did and looked at what. Shown to auditors, leads (their cell) and administrators; exported as CSV."""

import csv
import io
import json

from fastapi import APIRouter, Request, Response

from bot.cases import staff_queries
from bot.cases.staff import AuditEntry
from channels.staff.accounts import SignedIn
from channels.staff.front import Front, must_have, staff_router
from channels.staff.tables import plain_cell

_COLUMNS = ("id", "at", "username", "cell", "action", "subject", "data")


class AuditPages:
    """The audit log."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def router(self) -> APIRouter:
        """The routes of the audit log."""
        router = staff_router(self._front)
        router.add_api_route("/audit", self.get_audit, methods=["GET"])
        router.add_api_route("/audit.csv", self.get_csv, methods=["GET"])
        return router

    async def get_audit(self, request: Request) -> Response:
        """The newest entries."""
        me = must_have(request, "auditor", "administrator", "lead")
        before = request.query_params.get("before", "")
        with self._front.database.read() as session:
            entries = staff_queries.list_audit(
                session, cell_id=_cell_of(me), before=int(before) if before.isdecimal() else None
            )
        return self._front.page(request, "audit.html", here="audit", entries=entries)

    async def get_csv(self, request: Request) -> Response:
        """Everything, the oldest first."""
        me = must_have(request, "auditor", "administrator", "lead")
        with self._front.database.write() as session:
            staff_queries.add_audit(session, me.agent, "audit_exported", now=self._front.now())
        with self._front.database.read() as session:
            text = io.StringIO()
            writer = csv.writer(text)
            writer.writerow(_COLUMNS)
            writer.writerows(_row(entry) for entry in staff_queries.each_audit(session, cell_id=_cell_of(me)))
        headers = {"content-disposition": 'attachment; filename="dalil-audit.csv"', "cache-control": "no-store"}
        return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _cell_of(me: SignedIn) -> str | None:
    return None if me.agent.has_role("auditor", "administrator") else me.agent.cell_id


def _row(entry: AuditEntry) -> list[str]:
    values = (entry.id, entry.at.isoformat(), entry.username, entry.cell_id, entry.action, entry.subject)
    return [plain_cell(str(value)) for value in values] + [json.dumps(entry.data, ensure_ascii=False)]
