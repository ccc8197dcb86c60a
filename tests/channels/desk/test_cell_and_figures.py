"""A cell's own settings, and the figures of its lead."""

import csv
import io
import zipfile
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases import cell_queries, figures, service, staff_queries
from bot.cases.model import Case
from bot.messages import OutboundMessage
from channels.desk import charts
from channels.staff.tables import plain_cell
from knowledge.calendar import WEEKDAYS
from knowledge.reception import get_reception
from tests.fixtures.people import add_case, add_person, terms_of

HOURS = {f"{week}_{day}": "" for week in ("week", "ramadan") for day in WEEKDAYS}


def reception(house, now):
    with house.database.read() as session:
        return get_reception(session, house.desk.front.library.cells["cell-oujda"], now)


def test_hours_are_assumed_until_a_lead_confirms_them(sign_in, house, cases, now):
    lead = sign_in("lead")
    assert "à confirmer" in lead.get("/desk/cell").text
    assert not reception(house, now).are_hours_confirmed
    data = {
        **HOURS,
        "week_monday": "08:00-12:00, 14:00–18:00",
        "topics": ["work"],
        "languages": ["ar"],
        "capacity": "7",
    }
    assert lead.post("/desk/cell", {**data, "is_accepting": "1", "keeps_holidays": "1"}).status_code == 303
    found = reception(house, now)
    assert found.are_hours_confirmed
    assert found.hours.spans_on(date(2026, 11, 23)) == ((480, 720), (840, 1080))
    assert found.hours.spans_on(date(2026, 11, 24)) == ()
    candidate = found.candidate()
    assert (candidate.topics, candidate.languages, candidate.capacity) == (frozenset({"work"}), frozenset({"ar"}), 7)
    assert "Horaires supposés" not in lead.get("/desk/cell").text
    with house.database.read() as session:
        assert "cell_changed" in [entry.action for entry in staff_queries.list_audit(session, cell_id="cell-oujda")]


@pytest.mark.parametrize(
    "wrong", [{"week_monday": "8 to 5"}, {"ramadan_friday": "10:00-09:00"}, {"notice_email": "not an address"}]
)
def test_what_cannot_be_read_is_refused_and_kept_on_the_page(sign_in, house, cases, now, wrong):
    answer = sign_in("lead").post("/desk/cell", {**HOURS, **wrong})
    assert answer.status_code == 400
    assert next(iter(wrong.values())) in answer.text
    assert reception(house, now).settings is None


def test_absences_close_the_cell_when_nobody_is_left(sign_in, amina, house, cases, now):
    lead = sign_in("lead")
    days = {"first_day": "2026-12-01", "last_day": "2026-12-02"}
    assert amina.post("/desk/cell/absences", {**days, "agent": "brahim"}).status_code == 403
    assert amina.post("/desk/cell/absences", {**days, "agent": ""}).status_code == 403
    assert amina.post("/desk/cell/absences", {**days, "agent": "amina"}).status_code == 303
    assert lead.post("/desk/cell/absences", {**days, "agent": "nadia"}).status_code == 403
    for bad in ({"first_day": "2026-12-05"}, {"last_day": "soon"}, {"last_day": "2036-12-05"}):
        assert lead.post("/desk/cell/absences", {**days, "agent": "", **bad}).status_code == 400
    assert reception(house, now).hours.spans_on(date(2026, 12, 1)) != ()
    for agent in ("brahim", "lead"):
        lead.post("/desk/cell/absences", {**days, "agent": agent})
    assert reception(house, now).hours.spans_on(date(2026, 12, 1)) == ()
    assert reception(house, now).hours.spans_on(date(2026, 12, 3)) != ()
    with house.database.read() as session:
        first = cell_queries.list_absences(session, from_day=date(2026, 12, 1), cell_id="cell-oujda")[0].id
    sign_in("nadia").post(f"/desk/cell/absences/{first}/delete")
    assert reception(house, now).hours.spans_on(date(2026, 12, 1)) == ()
    lead.post(f"/desk/cell/absences/{first}/delete")
    assert reception(house, now).hours.spans_on(date(2026, 12, 1)) != ()


@pytest.fixture
def weeks(house, cases, now):
    with house.database.write() as session:
        for number in range(6):
            at = now - timedelta(weeks=number)
            case = add_case(
                session, add_person(session, now, f"p{number}"), at, topic="work" if number % 2 else "health"
            )
            service.reply(
                session,
                case,
                agent_id="amina",
                message=OutboundMessage("x"),
                now=at + timedelta(hours=number),
                terms_of=terms_of,
            )
            if number == 0:
                service.rate(session, case, "yes", now=at)


def test_figures_count_what_happened_to_the_own_cell(house, weeks, now):
    with house.database.read() as session:
        own = figures.read_figures(session, cell_id="cell-oujda", now=now)
        everything = figures.read_figures(session, cell_id=None, now=now)
    assert own.cases == 7
    assert everything.cases == 8
    assert own.topics == Counter({"work": 3, "health": 3})
    assert own.scores == Counter({"yes": 1})
    assert [week.median_first_reply for week in own.weeks[-3:]] == [7200, 3600, 0]
    assert own.load == {"cell-oujda": 7}


def test_the_page_and_both_tables_show_them(sign_in, house, weeks, now):
    house.desk.front.now = lambda: now
    lead, auditor = sign_in("lead"), sign_in("auditor")
    page = lead.get("/desk/figures").text
    assert page.count("<svg") >= 5
    assert "Nador" not in page
    assert "Nador" in auditor.get("/desk/figures").text
    rows = list(csv.DictReader(io.StringIO(lead.get("/desk/figures.csv").text.removeprefix("\ufeff"))))
    assert len(rows) == 7
    assert {row["cell_id"] for row in rows} == {"cell-oujda"}
    sheet = zipfile.ZipFile(io.BytesIO(auditor.get("/desk/figures.xlsx").content)).read("xl/worksheets/sheet1.xml")
    assert sheet.count(b"<row ") == 9


@given(st.lists(st.lists(st.floats(0, 1e6), max_size=8), max_size=30))
def test_columns_stay_on_their_drawing(stacks):
    chart = charts.columns(stacks, [str(number) for number in range(len(stacks))])
    for mark in chart.marks:
        assert -0.01 <= mark.y
        assert mark.y + mark.height <= charts.HEIGHT
        assert 0 <= mark.x <= mark.x + mark.width <= charts.WIDTH


def test_the_map_puts_every_cell_among_the_communes(library):
    names = {cell.id: cell.name["fr"] for cell in library.routable_cells}
    chart = charts.map_of(library.routable_cells, library.places.values(), {"cell-oujda": 9}, names)
    assert len(chart.marks) == len(library.routable_cells)
    assert max(chart.marks, key=lambda mark: mark.width).text.endswith(": 9")
    for mark in [*chart.marks, *chart.labels]:
        assert 0 <= mark.x <= chart.width
        assert 0 <= mark.y <= chart.height


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_a_table_runs_no_formula(text):
    assert plain_cell(text).startswith("'")
    assert plain_cell("ABC-234") == "ABC-234"


def test_weeks_begin_on_monday_in_morocco():
    sunday_night = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # Monday, half past midnight in Morocco
    assert figures.last_mondays(sunday_night, 2) == [date(2026, 11, 16), date(2026, 11, 23)]


def test_a_case_keeps_its_first_reply_in_office_seconds(house, weeks):
    with house.database.read() as session:
        assert {row.first_reply_s for row in session.query(Case) if row.first_reply_s is not None} == {
            number * 3600 for number in range(6)
        }
