"""The seam in on PostgreSQL: the statements of every message, which SQLite would take in other words too."""

import pytest
from sqlalchemy import text

from bot import conversations
from bot.aliases import message_mark, see
from bot.messages import InboundMessage, Media
from tests.fixtures.house import build_test_house
from tests.fixtures.postgres import NEEDS_POSTGRES, migrated_postgres

pytestmark = NEEDS_POSTGRES


@pytest.fixture(scope="module")
def large_house(tmp_path_factory):
    with migrated_postgres(tmp_path_factory.mktemp("data")) as (settings, database):
        yield build_test_house(settings, database)


@pytest.fixture
def house(large_house):
    """Nobody has written yet."""
    with large_house.database.write() as session:
        session.execute(text("TRUNCATE persons, seen CASCADE"))
    large_house.assistant.heard.clear()
    return large_house


def message(words="", provider_id="1", **more):
    return InboundMessage(**{"channel": "telegram", "provider_id": provider_id, "address": "5", "text": words, **more})


def transcript(house, person_id):
    with house.database.read() as session:
        return [(row.author, row.text) for row in conversations.list_messages(session, person_id)]


async def test_a_message_is_stored_answered_and_recognised_when_it_comes_again(house):
    person_id = await house.accept(message("bonjour"))
    assert await house.accept(message("bonjour")) == person_id
    assert await house.accept(message("encore", "2")) == person_id
    assert house.assistant.heard == ["bonjour", "encore"]
    said = [words.split("\n")[0] for _, words in transcript(house, person_id)]
    assert said == ["bonjour", "echo bonjour", "encore", "echo encore"]


async def test_a_deleted_message_that_comes_again_is_not_answered(house, now):
    with house.database.write() as session:
        see(session, message_mark("telegram", "1"), now)
    assert house.receiver.store(message("bonjour")) == ("", False)


async def test_an_account_keeps_its_person_and_a_number_with_another_account_does_not(house):
    first = await house.accept(message("one", "1", also_known_as=("account:A",)))
    assert await house.accept(message("two", "2", address="6", also_known_as=("account:A",))) == first
    assert await house.accept(message("three", "3", also_known_as=("account:B",))) != first


async def test_an_edit_a_button_and_a_file_are_taken_in(house):
    person_id = await house.accept(message("bonjour", "1", sequence=1))
    await house.accept(message("bonsoir", "2", sequence=1, is_edit=True))
    with house.database.read() as session:
        told = [row for row in conversations.list_messages(session, person_id) if row.buttons]
        token = told[-1].buttons[0]["token"]
    await house.accept(message("", "3", token=token))
    await house.accept(message("", "4", media=(Media("photo", "somewhere", 10),)))
    assert house.assistant.heard == ["bonjour", "bonsoir", '/follow_up{"facet": "cost"}']
    assert transcript(house, person_id)[-1][0] == "bot"
