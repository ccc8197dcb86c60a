"""The seam in: stored before it is acknowledged, answered in order, once."""

import asyncio

import pytest

from bot import conversations, inbound
from bot.cases import repository
from bot.messages import Coordinates, InboundMessage
from tests.fixtures.people import add_case


def message(text="", provider_id="1", address="someone", **more):
    return InboundMessage(channel="web", provider_id=provider_id, address=address, text=text, **more)


def transcript(house, person_id):
    with house.database.read() as session:
        return [(row.author, row.text) for row in conversations.list_messages(session, person_id)]


async def test_a_message_is_answered(house):
    person_id = await house.accept(message("bonjour"))
    assert transcript(house, person_id) == [("person", "bonjour"), ("bot", "echo bonjour")]


async def test_a_redelivered_message_is_answered_once(house):
    person_id = await house.accept(message("bonjour"))
    assert await house.accept(message("bonjour")) == person_id
    assert house.assistant.heard == ["bonjour"]


async def test_messages_of_one_person_are_answered_in_order_whatever_starts_first(house):
    people = [house.receiver.store(message(str(number), str(number)))[0] for number in range(20)]
    assert len(set(people)) == 1
    await asyncio.gather(*(house.receiver.answer_waiting(people[0]) for _ in range(5)))
    assert house.assistant.heard == [str(number) for number in range(20)]


async def test_a_turn_that_fails_is_apologised_for_and_the_next_message_is_answered(house):
    await house.accept(message("fail", "1"))
    person_id = await house.accept(message("encore", "2"))
    assert transcript(house, person_id)[1] == ("bot", "utter_problem_failed")
    assert transcript(house, person_id)[3] == ("bot", "echo encore")


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("", '/report_problem{"problem": "empty"}'),
        ("   \n ", '/report_problem{"problem": "empty"}'),
        ("😀😀😀", '/report_problem{"problem": "empty"}'),
        ("\u202e\u200b\u0000", '/report_problem{"problem": "empty"}'),
        ("a" * 100_000, '/report_problem{"problem": "too_long"}'),
        ("/restart", "restart"),
        ('/ask{"x":1}', 'ask{"x":1}'),
        ("///session_start", "session_start"),
        ("\u202e/restart", "restart"),
        ("/", '/report_problem{"problem": "empty"}'),
        ("card 1234567890", "card •••"),
        ("salut \ud83d toi", "salut toi"),
        ("\ud83d", '/report_problem{"problem": "empty"}'),
    ],
    ids=range(13),
)
async def test_bad_input_never_reaches_rasa_as_it_is(house, text, heard):
    await house.accept(message(text))
    assert house.assistant.heard == [heard]


async def test_a_button_is_its_payload_for_its_person_and_unknown_for_others(house):
    person_id = await house.accept(message("bonjour"))
    with house.database.read() as session:
        token = conversations.list_messages(session, person_id)[-1].buttons[0]["token"]
    await house.accept(message(token=token, provider_id="2"))
    await house.accept(message(token=token, provider_id="3", address="stranger"))
    await house.accept(message(token="invented", provider_id="4"))
    unknown = '/report_problem{"problem": "unknown_button"}'
    assert house.assistant.heard[1:] == ['/follow_up{"facet": "cost"}', unknown, unknown]
    assert ("person", "Cost") in transcript(house, person_id)


@pytest.mark.parametrize(
    ("coordinates", "heard"),
    [
        (Coordinates(35.17, -2.93), '/give_place{"place": "nador"}'),
        (Coordinates(36.5, -12.0), '/report_problem{"problem": "unknown_place"}'),
        (Coordinates(48.85, 2.35), '/report_problem{"problem": "unknown_place"}'),
    ],
)
async def test_a_pin_becomes_a_commune_and_is_not_kept(house, settings, coordinates, heard):
    await house.accept(message(coordinates=coordinates))
    assert house.assistant.heard == [heard]
    content = b"".join(path.read_bytes() for path in settings.data_path.glob("dalil.sqlite*"))
    assert str(coordinates.latitude).encode() not in content


async def test_an_unknown_place_from_the_list_is_said_to_be_unknown(house):
    await house.accept(message(place_id="atlantis"))
    assert house.assistant.heard == ['/report_problem{"problem": "unknown_place"}']


async def test_the_bot_is_silent_while_the_desk_owns_and_answers_again_after(house, now):
    person_id = await house.accept(message("bonjour"))
    with house.database.write() as session:
        case = add_case(session, conversations.find_person(session, person_id), now)
        case_id = case.id
    await house.accept(message("pour l'agent", "2"))
    assert house.assistant.heard == ["bonjour"]
    with house.database.write() as session:
        rows = conversations.list_messages(session, person_id, case_id=case_id)
        assert [row.text for row in rows] == ["pour l'agent"]
        assert inbound.find_unanswered(session, person_id) is None
        conversations.set_person(session, person_id, owner="bot")
    await house.accept(message("de nouveau", "3"))
    assert house.assistant.heard == ["bonjour", "de nouveau"]


async def test_danger_and_wishes_about_data_are_answered_also_while_the_desk_owns(house, now):
    person_id = await house.accept(message("bonjour"))
    with house.database.write() as session:
        add_case(session, conversations.find_person(session, person_id), now)
    await house.accept(message("danger", "2"))
    await house.accept(message("delete me", "3"))
    assert house.assistant.heard == ["bonjour", "danger", "delete me"]
    with house.database.read() as session:
        case = repository.find_live_case(session, person_id)
        assert case.urgency == "violence"
        texts = [row.text for row in conversations.list_messages(session, person_id, case_id=case.id)]
        assert texts == ["danger", "delete me"]


async def test_the_text_of_a_failing_turn_is_not_logged(house, caplog):
    await house.accept(message("fail"))
    assert "turn_failed" in caplog.text
    await house.accept(message("my very secret words", "2"))
    assert "secret" not in caplog.text
