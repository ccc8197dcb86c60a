"""Opening a case: at the cell that routing chooses, with the reason and a time; without a cell it waits for one."""

import pytest

from actions.open_case import ActionOpenCase
from bot.cases import repository
from bot.cases.cells import CellSettings
from bot.clock import utc_now
from bot.conversations import Person, lock_person
from knowledge.library import load_library
from tests.fixtures.trackers import responses, run, tracker


@pytest.fixture(autouse=True)
def _person(database):
    with database.write() as session:
        session.add(Person(id="person", language="fr", owner="bot", created_at=utc_now(), last_seen_at=utc_now()))


def consented(**slots):
    given = {"has_consented": True, "place": "oujda", "language": "fr", "question": "aide", **slots}
    return tracker("", "affirm", **given)


def close_to_cases(database, cells):
    with database.write() as session:
        for cell in cells:
            session.add(CellSettings(cell_id=cell.id, is_accepting=False, keeps_holidays=True, changed_at=utc_now()))


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_the_person_learns_where_it_went_and_when_to_expect_an_answer(database, language):
    _, messages = run(ActionOpenCase(), consented(language=language))
    assert responses(messages) == ["utter_case_opened"]
    assert messages[0]["cell"] == load_library().cells["cell-oujda"].name[language]
    assert any(letter.isdecimal() for letter in messages[0]["expected"])
    with database.read() as session:
        case = repository.find_live_case(session, "person")
        assert (case.cell_id, case.status, case.route["reach"]) == ("cell-oujda", "open", "near")
        assert case.reply_due_at is not None
        assert lock_person(session, "person") == "desk"


def test_a_cell_that_takes_no_cases_is_passed_over_and_the_reason_kept(database):
    close_to_cases(database, [load_library().cells["cell-oujda"]])
    run(ActionOpenCase(), consented(article="minimum-wage"))
    with database.read() as session:
        case = repository.find_live_case(session, "person")
    assert (case.cell_id, case.topic) == ("cell-berkane", "work")
    assert case.route["passed_over"][0] | {"km": 0} == {
        "cell": "cell-oujda",
        "km": 0,
        "flaw": "not_accepting",
        "opens_at": case.route["passed_over"][0]["opens_at"],
    }


def test_when_no_cell_takes_cases_it_waits_for_one_and_the_bot_goes_on(database):
    close_to_cases(database, load_library().routable_cells)
    _, messages = run(ActionOpenCase(), consented())
    assert responses(messages) == ["utter_case_pending"]
    with database.read() as session:
        (case,) = repository.list_pending(session)
        assert (case.status, case.person_id) == ("pending", "person")
        assert case.reference == messages[0]["reference"]
        assert lock_person(session, "person") == "bot"
        assert repository.find_live_case(session, "person") is None


def test_an_urgent_case_is_expected_sooner(database):
    run(ActionOpenCase(), consented(urgent_type="violence"))
    with database.read() as session:
        case = repository.find_live_case(session, "person")
    assert (case.urgency, case.rank, case.reply_left_s) == ("violence", 0, 3600)
