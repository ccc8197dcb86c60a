"""Sending through the real client to a server that behaves as Telegram does."""

import asyncio

import pytest

from bot import conversations
from bot.messages import Button, OutboundMessage
from channels.telegram.channel import TelegramChannel


async def test_a_message_is_answered_with_buttons(street, phone):
    assert (await phone.say("bonjour")).status_code == 200
    assert phone.heard[0].startswith("echo bonjour")
    (sent,) = street.telegram.sent
    assert sent["markup"]["inline_keyboard"][0][0]["text"] == "Cost"
    assert street.telegram.wrongs == []


async def test_a_person_who_has_to_wait_sees_that_an_answer_is_being_written(street, phone):
    await street.house.channels["telegram"].show_typing(str(phone.chat))
    assert street.telegram.typing == [phone.chat]


async def test_a_pressed_button_is_answered_and_does_what_it_stands_for(street, phone):
    await phone.say("bonjour")
    token = street.telegram.sent[0]["markup"]["inline_keyboard"][0][0]["callback_data"]
    await phone.tap(token)
    await phone.tap("invented")
    await asyncio.sleep(0.1)
    assert street.house.assistant.heard[1:] == [
        '/follow_up{"facet": "cost"}',
        '/report_problem{"problem": "unknown_button"}',
    ]
    assert len(street.telegram.taps) == 2


async def test_the_first_answer_says_who_this_is_and_how_to_stop_and_the_second_does_not(street, phone):
    await phone.say("bonjour")
    await phone.say("encore")
    assert "stop" in phone.heard[0]
    assert "Telegram" in phone.heard[0]
    assert "Telegram" not in phone.heard[1]


async def test_retry_after_is_obeyed(street, phone):
    street.telegram.faults.append("429:3")
    await phone.say("bonjour")
    person_id = phone.person_id()
    assert street.states(person_id)[0][1:] == ("waiting", "too_fast")
    await street.deliver(person_id)
    assert phone.heard == []  # not before its time
    await asyncio.sleep(3)
    street.clock.move(seconds=3)
    await street.deliver(person_id)
    assert len(phone.heard) == 1
    assert street.telegram.wrongs == []


@pytest.mark.parametrize("fault", ["500", "500 twice"])
async def test_an_error_of_telegram_itself_is_tried_again(street, phone, fault):
    street.telegram.faults.extend(["500"] * (2 if "twice" in fault else 1))
    await phone.say("bonjour")
    for _ in range(3):
        street.clock.move(seconds=60)
        await street.deliver(phone.person_id())
    assert len(phone.heard) == 1
    assert street.states(phone.person_id())[0][1] == "sent"


async def test_a_send_whose_answer_is_lost_is_not_sent_again_but_offered(street, phone, monkeypatch):
    monkeypatch.setattr(street.house.channels["telegram"].bot.request, "_client", impatient(street))
    street.telegram.faults.append("lost")
    await phone.say("bonjour")
    person_id = phone.person_id()
    assert street.states(person_id)[0][1:] == ("uncertain", "broken_off")
    for _ in range(3):
        street.clock.move(seconds=60)
        await street.deliver(person_id)
    assert [text.startswith("echo bonjour") for text in phone.heard] == [True, False]
    offer = street.telegram.sent[1]["markup"]["inline_keyboard"][0][0]["callback_data"]
    await phone.tap(offer)
    assert phone.heard[2].startswith("echo bonjour")


async def test_each_of_two_doubtful_messages_is_offered_once(street, phone, monkeypatch):
    monkeypatch.setattr(street.house.channels["telegram"].bot.request, "_client", impatient(street))
    for number in range(2):
        street.telegram.faults.append("lost")
        await phone.say(f"m{number}")
        for _ in range(3):
            street.clock.move(seconds=60)
            await street.deliver(phone.person_id())
    assert [text.split()[0] for text in phone.heard].count("echo") == 2
    assert len(phone.heard) == 4


def impatient(street):
    import httpx

    street.house.channels["telegram"].bot.request._client_kwargs["timeout"] = httpx.Timeout(0.5)
    return street.house.channels["telegram"].bot.request._build_client()


async def test_a_message_that_follows_a_doubtful_one_is_not_held_up(street, phone, monkeypatch):
    monkeypatch.setattr(street.house.channels["telegram"].bot.request, "_client", impatient(street))
    street.telegram.faults.append("lost")
    await phone.say("one")
    await phone.say("two")
    assert [text.split()[1] for text in phone.heard] == ["one", "two"]


async def test_whoever_blocks_the_bot_is_left_alone_and_written_to_again_once_they_write(street, phone):
    await phone.say("one")
    street.telegram.blocked.add(phone.chat)
    await phone.say("two")
    person_id = phone.person_id()
    assert street.states(person_id)[-1][1:] == ("parked", "blocked")
    street.telegram.blocked.clear()
    await phone.say("three")
    assert [text.split()[1] for text in phone.heard] == ["one", "two", "three"]


async def test_being_blocked_is_also_told_by_an_update(street, phone):
    await phone.say("one")
    change = {
        "chat": {"id": phone.chat, "type": "private"},
        "from": phone.sender(),
        "date": 1,
        "old_chat_member": {"status": "member"},
        "new_chat_member": {"status": "kicked"},
    }
    await phone.update(my_chat_member=change)
    person_id = phone.person_id()
    with street.house.database.write() as session:
        conversations.add_outbound(
            session,
            OutboundMessage("later"),
            person_id=person_id,
            channel="telegram",
            author="agent",
            now=street.clock(),
        )
    await street.deliver(person_id)
    assert street.states(person_id)[-1][1:] == ("parked", "blocked")
    assert len(phone.heard) == 1
    await phone.update(my_chat_member={**change, "new_chat_member": {"status": "member"}})
    await street.deliver(person_id)
    assert phone.heard[-1] == "later"


async def test_a_wrong_token_is_kept_for_later_and_said(street, phone):
    street.house.channels["telegram"].bot._base_url = f"{street.telegram.address}/botwrong"
    await phone.say("one")
    assert street.states(phone.person_id())[0][1:] == ("waiting", "settings")


async def test_a_long_answer_and_one_with_buttons_and_a_place_fit_the_limits(street, phone):
    await phone.say("place")
    person_id = phone.person_id()
    with street.house.database.write() as session:
        texts = ["كلمة " * 300, "x" * 4096]
        for text in texts:
            message = OutboundMessage(
                text,
                tuple(Button(f"زر {number}", f"/b{number}") for number in range(12)),
                asks_place=True,
                language="ar",
            )
            conversations.add_outbound(
                session, message, person_id=person_id, channel="telegram", author="bot", now=street.clock()
            )
    await street.deliver(person_id)
    assert street.telegram.wrongs == []
    kinds = ("keyboard", "inline_keyboard")
    markups = [next(kind for kind in kinds if kind in sent["markup"]) for sent in street.telegram.sent]
    assert markups == ["inline_keyboard", "keyboard"] * 3
    assert street.telegram.sent[1]["markup"]["keyboard"][0][0]["request_location"] is True


async def test_two_processes_do_not_send_the_same_message_twice(street, phone, sent_settings, database):
    from tests.fixtures.house import build_test_house

    other = build_test_house(sent_settings, database, now=street.clock)
    await other.channels["telegram"].bot.request.initialize()
    person_id, _ = street.house.receiver.store(parsed("bonjour"))
    await street.house.receiver.answer_waiting(person_id)
    await asyncio.gather(street.deliver(person_id), other.mailroom.postman.deliver(person_id))
    assert len(street.telegram.sent) == 1


def parsed(text):
    from bot.messages import InboundMessage

    return InboundMessage(channel="telegram", provider_id="1:1", address="4001", text=text)


async def test_a_send_that_was_broken_off_by_a_crash_is_not_repeated(street, phone):
    """A claim without an outcome is what a kill -9 leaves behind."""
    from bot import deliveries
    from channels.postman import LEASE

    person_id, _ = street.house.receiver.store(parsed("bonjour"))
    await street.house.receiver.answer_waiting(person_id)
    with street.house.database.write() as session:
        head = deliveries.find_head(session, person_id, "telegram")
        assert deliveries.claim(session, head.message_id, now=street.clock(), lease=LEASE)
    await street.deliver(person_id)
    assert phone.heard == []  # somebody may still be sending it
    with street.house.database.write() as session:
        assert deliveries.break_off(session, street.clock()) == 1
    await street.deliver(person_id)
    assert phone.heard == []
    street.clock.move(seconds=60)
    await street.deliver(person_id)
    await street.deliver(person_id)
    assert len(phone.heard) == 1  # the offer, and nothing else
    assert street.telegram.sent[0]["markup"]["inline_keyboard"]


def test_no_secret_no_webhook(settings):
    channel = TelegramChannel(settings.model_copy(update={"telegram_token": "1:a"}))
    assert channel.router().routes == []


async def test_an_address_sealed_with_another_key_is_said_to_be_unknown(street, phone):
    from bot.secrets import AddressBook

    street.house.mailroom.postman.book = AddressBook("another key")
    await phone.say("bonjour")
    assert street.states(phone.person_id())[0][1:] == ("parked", "no_address")
