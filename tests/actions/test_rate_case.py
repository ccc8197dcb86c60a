"""One tap under the closing words is kept with the case that was closed last."""

import pytest

from actions.rate_case import ActionRateCase
from bot.cases import repository, service
from bot.conversations import Person
from bot.messages import OutboundMessage
from tests.fixtures.people import add_case, terms_of
from tests.fixtures.trackers import responses, run, tracker


@pytest.fixture
def closed(database, now):
    from bot.clock import utc_now

    with database.write() as session:
        person = Person(id="person", language="fr", owner="bot", created_at=utc_now(), last_seen_at=utc_now())
        session.add(person)
        session.flush()
        case = add_case(session, person, utc_now())
        closing = OutboundMessage("closing", language="fr")
        service.close_case(session, case, agent_id=None, closing=closing, now=utc_now(), terms_of=terms_of)
        return case.id


@pytest.mark.parametrize(
    ("score", "said"), [("yes", "utter_rated"), ("partly", "utter_rated"), ("no", "utter_rated_badly")]
)
def test_a_score_is_kept_and_thanked_for(database, closed, score, said):
    _, messages = run(ActionRateCase(), tracker("", "rate", [("score", score)], language="fr"))
    assert responses(messages) == [said]
    with database.read() as session:
        case = repository.get_case(session, case_id=closed, cell_id="cell-oujda")
        assert case.score == score
        assert case.rated_at is not None
        assert case.status == "closed"


@pytest.mark.parametrize("score", ["", "five", "<script>"])
def test_what_is_no_score_is_not_kept(database, closed, score):
    run(ActionRateCase(), tracker("", "rate", [("score", score)], language="fr"))
    with database.read() as session:
        assert repository.get_case(session, case_id=closed, cell_id="cell-oujda").score == ""


def test_whoever_has_no_case_is_thanked_all_the_same(database):
    _, messages = run(ActionRateCase(), tracker("", "rate", [("score", "yes")], language="fr"))
    assert responses(messages) == ["utter_rated"]
