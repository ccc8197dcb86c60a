"""What is not Telegram's is refused before anything of it is read."""

import json

import pytest

from bot import conversations
from tests.channels.conftest import SECRET


def stored(street):
    with street.house.database.read() as session:
        return session.query(conversations.Message).count() + session.query(conversations.Person).count()


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET[:-1], SECRET.upper()])
async def test_without_the_secret_nothing_is_read(street, phone, secret, monkeypatch):
    monkeypatch.setattr("channels.telegram.channel.parse_update", lambda body: pytest.fail("it was parsed"))
    body = json.dumps({"update_id": 1, "message": phone.message(text="bonjour")})
    assert (await phone.post(body, secret=secret)).status_code == 403
    assert stored(street) == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'{"message": {}}', 400),
        (b'{"update_id": "1"}', 400),
        (b"[" * 100_000, 400),
        (b'{"update_id": 1, "message": ' + b'"x"' + b"}", 200),
        (b"x" * 10_000_000, 413),
    ],
    ids=range(10),
)
async def test_what_is_broken_or_too_large_stores_nothing(street, phone, body, status):
    assert (await phone.post(body)).status_code == status
    assert stored(street) == 0


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data"])
async def test_another_content_type_is_refused(street, phone, content_type):
    body = json.dumps({"update_id": 1, "message": phone.message(text="bonjour")})
    assert (await phone.post(body, content_type=content_type)).status_code == 415
    assert stored(street) == 0


async def test_a_replayed_update_is_acknowledged_and_nothing_comes_of_it(street, phone):
    body = json.dumps({"update_id": 77, "message": phone.message(text="bonjour")})
    for _ in range(3):
        assert (await phone.post(body)).status_code == 200
    assert len(phone.heard) == 1


async def test_a_replay_after_delete_me_brings_nothing_back(street, phone):
    from bot.privacy import forget_conversation

    body = json.dumps({"update_id": 77, "message": phone.message(text="bonjour")})
    await phone.post(body)
    person_id = phone.person_id()
    with street.house.database.write() as session:
        forget_conversation(session, person_id, now=street.clock())
    assert (await phone.post(body)).status_code == 200
    assert street.transcript(person_id) == []
    assert len(phone.heard) == 1


async def test_while_the_program_cannot_store_telegram_is_asked_to_come_again(street, phone):
    street.house.channels["telegram"].door.accept = None
    assert (await phone.say("bonjour")).status_code == 503


async def test_the_address_is_nowhere_in_clear(street, phone, sent_settings):
    phone.chat = 987654321012
    await phone.say("bonjour")
    content = b"".join(path.read_bytes() for path in sent_settings.data_path.glob("dalil.sqlite*"))
    assert b"987654321012" not in content
    assert b"Amina" not in content


async def test_groups_are_told_once_left_and_never_read(street, phone):
    import asyncio

    chat = {"id": -100200, "type": "supergroup", "title": "g"}
    for number in range(3):
        await phone.update(message={**phone.message(text="secret words"), "chat": chat, "message_id": number})
    await asyncio.sleep(0.2)
    assert len(street.telegram.texts(-100200)) == 1
    assert street.telegram.left == [-100200]
    assert all(letters in street.telegram.texts(-100200)[0] for letters in ("المجموعات", "groupes", "groups"))
    assert stored(street) == 0


async def test_an_edit_before_the_answer_is_one_message_and_after_it_another(street, phone):
    message = phone.message(text="bonjuor")
    await phone.update(message=message)
    await phone.update(edited_message={**message, "text": "bonjuor", "edit_date": 1764000005})
    assert street.house.assistant.heard == ["bonjuor"]
    await phone.update(edited_message={**message, "text": "bonjour", "edit_date": 1764000009})
    assert street.house.assistant.heard == ["bonjuor", "bonjour"]
    from channels.telegram.parse import parse_update_data

    other = phone.message(text="un")
    first = parse_update_data({"update_id": 9001, "message": other})
    second = parse_update_data(
        {"update_id": 9002, "edited_message": {**other, "text": "deux", "edit_date": 1764000099}}
    )
    person_id, _ = street.house.receiver.store(first)
    assert street.house.receiver.store(second) == (person_id, False)
    await street.house.see_through(person_id)
    assert street.house.assistant.heard[2:] == ["deux"]


async def test_messages_that_arrive_in_the_wrong_order_are_answered_in_the_right_one(street, phone):
    from channels.telegram.parse import parse_update_data

    messages = [
        parse_update_data({"update_id": 100 + number, "message": phone.message(text=f"t{number}")})
        for number in range(6)
    ]
    for message in reversed(messages):
        person_id, _ = street.house.receiver.store(message)
    await street.house.see_through(person_id)
    assert street.house.assistant.heard == [f"t{number}" for number in range(6)]
    assert [text.split()[1] for text in phone.heard] == [f"t{number}" for number in range(6)]
