"""Routing: the table of situations in situations.yml, and what holds of every choice."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.cells import Absence, CellSettings
from bot.cases.office_hours import ALWAYS_OPEN, OfficeHours
from bot.cases.routing import Candidate, Need, choose_cell
from bot.clock import MOROCCO
from bot.data_files import read_yaml
from bot.errors import NoCellAvailable
from knowledge.reception import Reception, choose_for, closed_days, hours_of

SITUATIONS = read_yaml(Path(__file__).parent / "situations.yml")


def local(text):
    return datetime.fromisoformat(str(text)).replace(tzinfo=MOROCCO)


def reception(cell, given, now):
    settings = CellSettings(
        cell_id=cell.id,
        week=given.get("week", []),
        ramadan_week=[],
        keeps_holidays=True,
        topics=given.get("topics", []),
        languages=given.get("languages", []),
        capacity=given.get("capacity", 0),
        is_accepting=given.get("is_accepting", True),
    )
    agents = {f"agent {number}" for number in range(given.get("agents", 1))}
    away = sorted(agents)[: given.get("away", len(agents))]
    absences = [Absence(agent_id=None, first_day=days[0], last_day=days[1]) for days in [given.get("closed")] if days]
    if "agents_away" in given:
        first, last = given["agents_away"]
        absences += [Absence(agent_id=agent, first_day=first, last_day=last) for agent in away]
    hours = hours_of(settings, closed=closed_days(absences, agents), now=now)
    return Reception(cell, settings, hours, load=given.get("load", 0))


@pytest.mark.parametrize("situation", SITUATIONS, ids=[row["situation"] for row in SITUATIONS])
def test_situation(situation, library):
    now, person, expect = local(situation["now"]), situation["person"], situation["expect"]
    receptions = [
        reception(cell, situation.get("cells", {}).get(cell.id, situation.get("everybody", {})), now)
        for cell in library.routable_cells
    ]
    choose = {
        "topic": person.get("topic", ""),
        "language": person.get("language", "fr"),
        "is_urgent": person.get("urgent", False),
        "remote_beyond_km": 100,
        "now": now,
    }
    if expect["cell"] == "nobody":
        with pytest.raises(NoCellAvailable):
            choose_for(receptions, library, library.places[person["at"]], **choose)
        return
    route = choose_for(receptions, library, library.places[person["at"]], **choose)
    assert route.cell.id == expect["cell"]
    assert route.reach == expect.get("reach", route.reach)
    assert list(route.given_up) == expect.get("given_up", list(route.given_up))
    if "opens_at" in expect:
        assert route.opens_at == local(expect["opens_at"])
    passed_over = {item.cell_id: item.flaw for item in route.passed_over}
    assert expect.get("passed_over", {}).items() <= passed_over.items()
    assert route.reason()["passed_over"] == [
        {**item, "cell": item["cell"]} for item in route.reason()["passed_over"] if item["km"] <= route.distance_km + 1
    ]


@dataclass(frozen=True)
class FakeCell:
    id: str
    latitude: float | None = 34.0
    longitude: float | None = -2.0
    province: str = "P"
    region: str = "R"
    kind: str = "commune"
    is_routable: bool = True


NOW = datetime(2027, 1, 5, 10, 0, tzinfo=UTC)
HERE = Need(34.0, -2.0, region="R", topic="work", language="fr")
cells = st.builds(
    FakeCell,
    id=st.uuids().map(str),
    latitude=st.floats(28, 35),
    longitude=st.floats(-9, -1.5),
    region=st.sampled_from(["R", "S"]),
    kind=st.sampled_from(["commune", "other"]),
    is_routable=st.booleans(),
)
candidates = st.lists(
    st.builds(
        Candidate,
        cell=cells,
        hours=st.sampled_from(
            [ALWAYS_OPEN, OfficeHours({}), OfficeHours({2: ((540, 600),)}), OfficeHours({0: ((540, 1000),)})]
        ),
        topics=st.sampled_from([frozenset(), frozenset({"work"}), frozenset({"health"})]),
        languages=st.sampled_from([frozenset(), frozenset({"ar"}), frozenset({"fr"})]),
        load=st.integers(0, 3),
        capacity=st.integers(0, 3),
        is_accepting=st.booleans(),
    ),
    max_size=7,
)


@given(candidates, st.booleans())
def test_a_case_always_finds_a_competent_cell_if_there_is_one_and_never_another(candidates, urgent):
    need = Need(34.0, -2.0, region="R", topic="work", language="fr", is_urgent=urgent)
    competent = [
        item
        for item in candidates
        if item.cell.is_routable and item.is_accepting and (not item.topics or "work" in item.topics)
    ]
    if not competent:
        with pytest.raises(NoCellAvailable):
            choose_cell(candidates, need, remote_beyond_km=100, now=NOW)
        return
    route = choose_cell(candidates, need, remote_beyond_km=100, now=NOW)
    assert route.cell in [item.cell for item in competent]
    assert route.is_remote == (route.distance_km > 100)
    assert all(item.distance_km <= route.distance_km for item in route.passed_over)
    assert route == choose_cell(candidates, need, remote_beyond_km=100, now=NOW)


@given(candidates)
def test_urgent_goes_to_an_open_cell_if_a_competent_one_in_the_region_with_room_is_open(candidates):
    need = Need(34.0, -2.0, region="R", topic="work", language="fr", is_urgent=True)
    able = [
        item
        for item in candidates
        if item.cell.is_routable
        and item.is_accepting
        and item.cell.region == "R"
        and (not item.topics or "work" in item.topics)
        and (not item.languages or "fr" in item.languages)
        and not (item.capacity and item.load >= item.capacity)
    ]
    if any(item.hours.is_open(NOW) for item in able):
        route = choose_cell(candidates, need, remote_beyond_km=100, now=NOW)
        assert route.opens_at == NOW


def test_a_cell_without_a_known_place_is_never_routed_to():
    nowhere = Candidate(FakeCell("nowhere", None, None, is_routable=False), ALWAYS_OPEN)
    with pytest.raises(NoCellAvailable):
        choose_cell([nowhere], HERE, remote_beyond_km=100, now=NOW)
    far = Candidate(FakeCell("far", 30.0, -9.5, region="S"), ALWAYS_OPEN)
    route = choose_cell([nowhere, far], HERE, remote_beyond_km=100, now=NOW)
    assert (route.cell.id, route.is_remote) == ("far", True)


def test_a_cell_that_opens_a_day_later_is_waited_for_and_one_that_opens_later_still_is_not():
    def opening_in(days):
        return OfficeHours({(NOW + timedelta(days=days)).weekday(): ((600, 660),)})

    far = Candidate(FakeCell("far", 34.5, -2.0), ALWAYS_OPEN)
    for days, chosen in ((0, "near"), (1, "near"), (2, "far"), (5, "far")):
        near = Candidate(FakeCell("near"), opening_in(days))
        assert choose_cell([near, far], HERE, remote_beyond_km=100, now=NOW - timedelta(hours=1)).cell.id == chosen


def test_within_the_region_the_own_province_is_asked_first_then_the_others_then_partners():
    need = Need(34.0, -2.0, province="Q", region="R")
    partner = Candidate(FakeCell("partner", 32.9, -2.0, kind="other"), ALWAYS_OPEN)
    other = Candidate(FakeCell("other", 32.5, -2.0), ALWAYS_OPEN)
    own = Candidate(FakeCell("own", 32.0, -2.0, province="Q"), ALWAYS_OPEN)
    for cells, chosen in (([partner, other, own], "own"), ([partner, other], "other"), ([partner], "partner")):
        assert choose_cell(cells, need, remote_beyond_km=100, now=NOW).reach == {
            "other": "region",
            "own": "province",
        }.get(chosen, chosen)


def test_days_of_absence_are_days():
    row = Absence(agent_id=None, first_day=date(2027, 1, 4), last_day=date(2027, 1, 5))
    assert closed_days([row], set()) == {date(2027, 1, 4), date(2027, 1, 5)}
