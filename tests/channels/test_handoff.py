"""Between the bot and the desk: what reopens a case, what does not, and the races that others have met."""

from datetime import timedelta

import pytest

from bot import conversations
from bot.cases import lifecycle, repository, service
from bot.cases.cells import Absence
from bot.messages import InboundMessage, OutboundMessage
from channels.staff import accounts
from tests.fixtures.people import add_case, add_person, terms_of

CLOSING = OutboundMessage("closing", language="fr")


def message(text, provider_id):
    return InboundMessage(channel="web", provider_id=provider_id, address="someone", text=text)


@pytest.fixture
def closed(house, now):
    """A person whose case amina has closed."""
    house.receiver._handoff.now = house.receiver.now = lambda: house.moment
    house.moment = now
    with house.database.write() as session:
        accounts.add_agent(
            session, username="amina", password="a long password", cell_id="cell-oujda", language="fr", now=now
        ).id = "amina"
        person = add_person(session, now)
        case = add_case(session, person, now)
        service.reply(session, case, agent_id="amina", message=OutboundMessage("oui"), now=now, terms_of=terms_of)
        service.close_case(session, case, agent_id="amina", closing=CLOSING, now=now, terms_of=terms_of)
        return case.id, person.id


def case_of(house, case_id):
    with house.database.read() as session:
        return repository.get_case(session, case_id=case_id, cell_id="cell-oujda")


@pytest.mark.parametrize("text", ["unclear", "human"])
async def test_just_writing_opens_the_case_again_with_the_agent_who_had_it(house, closed, text):
    case_id, person_id = closed
    await house.accept(message(text, "1"))
    case = case_of(house, case_id)
    assert (case.status, case.agent_id, case.closed_at) == ("assigned", "amina", None)
    assert case.reply_due_at is not None
    assert house.assistant.heard == []
    with house.database.read() as session:
        said = [(row.author, row.text) for row in conversations.list_messages(session, person_id)]
        assert said[-1] == ("bot", "utter_case_reopened")
        assert conversations.lock_person(session, person_id) == "desk"


@pytest.mark.parametrize("text", ["bonjour", "thanks"])
async def test_what_the_bot_can_answer_and_thanks_do_not(house, closed, text):
    case_id, _ = closed
    await house.accept(message(text, "1"))
    assert case_of(house, case_id).status == "closed"
    assert house.assistant.heard == [text]


async def test_danger_opens_it_again_as_urgent_and_the_bot_answers_as_well(house, closed):
    case_id, _ = closed
    await house.accept(message("danger", "1"))
    case = case_of(house, case_id)
    assert (case.status, case.urgency, case.rank) == ("assigned", "violence", 0)
    assert house.assistant.heard == ["danger"]


async def test_after_some_days_the_case_stays_closed(house, closed, settings):
    case_id, _ = closed
    house.moment += timedelta(days=settings.reopen_days, seconds=1)
    await house.accept(message("unclear", "1"))
    assert case_of(house, case_id).status == "closed"
    assert house.assistant.heard == ["unclear"]


@pytest.mark.parametrize("gone", ["left", "absent"])
async def test_without_its_agent_the_case_goes_to_the_pool(house, closed, gone, now):
    case_id, _ = closed
    with house.database.write() as session:
        if gone == "left":
            from bot.cases import staff_queries

            staff_queries.get_agent(session, "amina").is_active = False
        else:
            today = now.date()
            session.add(Absence(id="a", cell_id="cell-oujda", agent_id="amina", first_day=today, last_day=today))
    await house.accept(message("unclear", "1"))
    case = case_of(house, case_id)
    assert (case.status, case.agent_id) == ("open", None)


async def test_the_bot_does_not_speak_after_the_desk_took_over_while_it_was_thinking(house, now):
    person_id = await house.accept(message("bonjour", "1"))

    def open_meanwhile():
        with house.database.write() as session:
            add_case(session, conversations.find_person(session, person_id), now)

    house.assistant.meanwhile = open_meanwhile
    await house.accept(message("deuxième", "2"))
    with house.database.read() as session:
        texts = [row.text for row in conversations.list_messages(session, person_id)]
        case = repository.find_live_case(session, person_id)
        given = [row.text for row in repository.list_case_messages(session, case.id)]
    assert "echo deuxième" not in texts
    assert given == ["deuxième"]


async def test_what_became_of_a_message_is_kept_for_the_figures(house):
    person_id = await house.accept(message("bonjour", "1"))
    with house.database.read() as session:
        heard = conversations.list_messages(session, person_id)[0]
    assert heard.outcome == "other"


def test_a_second_case_of_a_person_joins_the_live_one(database, now):
    with database.write() as session:
        person = add_person(session, now)
        first = add_case(session, person, now, question="un")
        second = add_case(session, person, now, question="deux")
        assert second.merged_into == first.id
        assert second.status == "closed"
        assert repository.find_live_case(session, person.id).id == first.id
        assert not lifecycle.reopen(session, second, now=now, terms_of=terms_of)
