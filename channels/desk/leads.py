"""The leads' page: plots instead of reading, and tables to take away. Neither holds a word or an address of a person."""

import csv
import io
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from typing import Any

import xlsxwriter
from babel.dates import format_date
from fastapi import APIRouter, Request, Response

from bot.cases import figures, staff_queries
from bot.cases.figures import CaseFigure, Figures
from bot.clock import MOROCCO
from channels.desk import charts, pages
from channels.staff.accounts import SignedIn
from channels.staff.catalogue import staff_words
from channels.staff.front import Front, must_have, staff_router
from channels.staff.pages import LOCALES
from channels.staff.tables import plain_cell

_WEEKS = 12
_MOST_WEEKS = 104
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_COLUMNS = [field.name for field in fields(CaseFigure)]


class LeadPages:
    """Figures of a cell for its lead, of all cells for auditors and administrators."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def router(self) -> APIRouter:
        """The routes of figures."""
        router = staff_router(self._front)
        router.add_api_route("/figures", self.get_figures, methods=["GET"])
        router.add_api_route("/figures.csv", self.get_csv, methods=["GET"])
        router.add_api_route("/figures.xlsx", self.get_xlsx, methods=["GET"])
        return router

    async def get_figures(self, request: Request) -> Response:
        """The plots."""
        me = must_have(request, "lead", "auditor", "administrator")
        with self._front.database.read() as session:
            known = figures.read_figures(session, cell_id=_cell_of(me), now=self._front.now(), weeks=_weeks(request))
        return self._front.page(request, "figures.html", here="figures", **self._plots(known, me, _cell_of(me)))

    async def get_csv(self, request: Request) -> Response:
        """The cases as a table of text."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(_COLUMNS)
        writer.writerows([plain_cell(value) for value in row] for row in self._rows(request))
        return _file("\ufeff" + text.getvalue(), "text/csv; charset=utf-8", "csv")

    async def get_xlsx(self, request: Request) -> Response:
        """The cases as a spreadsheet."""
        content = io.BytesIO()
        with xlsxwriter.Workbook(
            content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        ) as book:
            sheet = book.add_worksheet("cases")
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(_COLUMNS) - 1, 18)
            sheet.write_row(0, 0, _COLUMNS, book.add_format({"bold": True}))
            for number, row in enumerate(self._rows(request), start=1):
                sheet.write_row(number, 0, row)
        return _file(content.getvalue(), _XLSX, "xlsx")

    def _rows(self, request: Request) -> Iterator[list[str]]:
        me = must_have(request, "lead", "auditor", "administrator")
        now = self._front.now()
        since = figures.start_of(figures.last_mondays(now, _weeks(request, of=_MOST_WEEKS))[0])
        with self._front.database.write() as session:
            staff_queries.add_audit(session, me.agent, "figures_exported", now=now)
        with self._front.database.read() as session:
            for case in figures.each_case(session, cell_id=_cell_of(me), since=since):
                yield [_text(getattr(case, name)) for name in _COLUMNS]

    def _plots(self, known: Figures, me: SignedIn, cell_id: str | None) -> dict[str, Any]:
        language = me.agent.language
        words, locale = staff_words(language), LOCALES[language]
        labels = [format_date(week.monday, format="d MMM", locale=locale) for week in known.weeks]
        cells = sorted({name for week in known.weeks for name in week.by_cell})
        shown = [cell for cell in self._front.library.routable_cells if cell_id in (None, cell.id)]
        names = {cell.id: cell.name[language] for cell in self._front.library.routable_cells}
        replies = [week.median_first_reply for week in known.weeks]
        communes = {
            cell.id: pages.commune_name(self._front.library, cell, language)
            for cell in self._front.library.routable_cells
        }
        return {
            "known": known,
            "by_week": charts.columns([[week.by_cell[name] for name in cells] for week in known.weeks], labels),
            "legend": [(number, names.get(name, name)) for number, name in enumerate(cells)],
            "first_reply": charts.line([None if value is None else value / 3600 for value in replies], labels),
            "topics": charts.bars((words[f"topic_{name}"], count) for name, count in known.topics.most_common()),
            "languages": charts.bars(
                (words[f"language_{name}"], count) for name, count in known.languages.most_common()
            ),
            "scores": charts.bars(
                (words[f"score_{name}"], known.scores[name]) for name in ("yes", "partly", "no") if known.scores[name]
            ),
            "unanswered": charts.line(
                [100 * week.unanswered / week.messages if week.messages else None for week in known.weeks], labels
            ),
            "map": charts.map_of(shown, self._front.library.places.values(), known.load, communes),
            "is_everywhere": cell_id is None,
            "labels": labels,
        }


def _cell_of(me: SignedIn) -> str | None:
    return None if me.agent.has_role("auditor", "administrator") else me.agent.cell_id


def _weeks(request: Request, of: int = _WEEKS) -> int:
    asked = request.query_params.get("weeks", "")
    return max(1, min(int(asked), _MOST_WEEKS)) if asked.isdecimal() and len(asked) < 5 else of  # noqa: PLR2004 - digits


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(MOROCCO).strftime("%Y-%m-%d %H:%M")
    return "" if value is None else str(value)


def _file(content: str | bytes, media_type: str, extension: str) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="dalil-cases.{extension}"',
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(content, media_type=media_type, headers=headers)
