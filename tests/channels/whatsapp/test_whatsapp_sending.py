"""Sending through the real Twilio client to a server that behaves as Twilio does."""

import itertools
import re

import pytest
from markupsafe import escape

from bot import conversations
from bot.messages import Button, OutboundMessage
from bot.words import load_words
from channels.gate import WORDS
from channels.rendering import twilio_length
from channels.staff import accounts
from tests.fixtures.people import add_case

_hours = itertools.count()


def write(street, person_id, text, *, buttons=(), author="agent", language="ar", asks_place=False):
    with street.house.database.write() as session:
        message = OutboundMessage(text, tuple(Button(title, f"/{title}") for title in buttons), asks_place, language)
        return conversations.add_outbound(
            session, message, person_id=person_id, channel="whatsapp", author=author, now=street.clock()
        )


async def test_a_message_is_acknowledged_with_empty_twiml_and_answered_with_quick_replies(street, phone):
    answer = await phone.say("bonjour")
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/xml")
    assert answer.text.endswith("<Response/>")
    (sent,) = street.twilio.sent
    assert sent["text"].startswith("echo bonjour")
    assert sent["buttons"][0]["title"] == "Cost"
    assert street.twilio.wrongs == []


async def test_a_quick_reply_and_a_list_item_do_what_they_stand_for(street, phone):
    await phone.say("buttons 3")
    await phone.send(Body="Choice 2", ButtonText="Choice 2", ButtonPayload=street.twilio.sent[0]["buttons"][1]["token"])
    await phone.say("buttons 7")
    listed = street.twilio.sent[-1]
    assert "twilio/list-picker" in street.twilio.contents[listed["ContentSid"]]["types"]
    await phone.send(Body="Choice 7", ListId=listed["buttons"][6]["token"], ListTitle="Choice 7")
    assert street.house.assistant.heard == ["buttons 3", "/choice2", "buttons 7", "/choice7"]


async def test_the_same_form_is_made_once(street, phone):
    for _ in range(3):
        await phone.say("bonjour")
    assert len(street.twilio.contents) == 2  # the first answer says more


@pytest.mark.parametrize("written", ["2", "٢", "۲", "2.", " (2) ", "2️⃣", "Choice 2", "CHOICE 2"])
async def test_numbers_and_words_stand_for_buttons_that_cannot_be_shown(street, phone, written):
    await phone.say("buttons 12")
    (sent,) = street.twilio.sent
    assert "12. Choice 12" in sent["Body"]
    await phone.say(written)
    assert street.house.assistant.heard[-1] == "/choice2"


@pytest.mark.parametrize("written", ["Talk to a person", "parler à une personne", "التحدث إلى شخص"])
async def test_the_words_of_a_button_are_understood_in_any_language(street, phone, written):
    await phone.say("person")
    street.house.assistant.heard.clear()
    await phone.say(written)
    assert street.house.assistant.heard == ["/ask_person"]


async def test_a_number_that_no_button_has_is_said_to_have_none_and_a_sentence_stays_a_sentence(street, phone):
    await phone.say("buttons 4")
    await phone.say("9")
    assert "numéro" in phone.heard[1]
    await phone.say("buttons 4")
    await phone.say("2 enfants")
    assert street.house.assistant.heard[-1] == "2 enfants"


async def test_when_twilio_does_not_take_the_form_the_numbered_text_is_sent(street, phone):
    street.twilio.refuses_contents = True
    await phone.say("buttons 3")
    assert "3. Choice 3" in street.twilio.sent[0]["Body"]


async def test_arabic_is_counted_as_twilio_counts_it(street, phone):
    await phone.say("bonjour")
    text = "هذه جملة طويلة عن بطاقة الإقامة والوثائق المطلوبة. " * 40
    from bot.messages import pack

    packed = pack(
        [OutboundMessage(text, language="ar")], limit=1600, count=street.house.channels["whatsapp"].limits.count
    )
    for message in packed:
        write(street, phone.person_id(), message.text)
    await street.deliver(phone.person_id())
    assert street.twilio.wrongs == []
    assert len(packed) > 1
    assert all(twilio_length(body) <= 1600 for body in phone.heard)


async def test_buttons_that_make_a_text_too_long_come_after_it(street, phone):
    await phone.say("bonjour")
    write(
        street,
        phone.person_id(),
        "x" * 1590,
        buttons=[f"A long choice {number}" for number in range(12)],
        language="fr",
    )
    await street.deliver(phone.person_id())
    assert street.twilio.wrongs == []
    assert "12. A long choice 11" in phone.heard[-1]
    await phone.say("12")
    assert street.house.assistant.heard[-1] == "/A long choice 11"


async def test_statuses_in_any_order_end_in_the_furthest(street, phone):
    await phone.say("bonjour")
    sid = street.twilio.sent[0]["sid"]
    for status in ("read", "sent", "delivered", "queued"):
        assert (await status_of(phone, sid, status)).status_code == 200
    assert street.states(phone.person_id())[0][1] == "read"
    await status_of(phone, sid, "failed", ErrorCode="63016")
    assert street.states(phone.person_id())[0][1] == "read"


async def status_of(phone, sid, status, message="", **more):
    from tests.fixtures.providers.twilio import ACCOUNT

    fields = {"MessageSid": sid, "MessageStatus": status, "AccountSid": ACCOUNT, **more}
    return await phone.post(fields, path=f"/channels/whatsapp/status?message={message}")


@pytest.mark.parametrize("by_callback", [False, True])
async def test_after_24_hours_the_reply_is_kept_the_template_sent_and_the_reply_follows_an_answer(
    street, phone, by_callback
):
    await phone.say("bonjour")
    person_id = phone.person_id()
    write(street, person_id, "جواب الموظف")
    write(street, person_id, "تتمة الجواب")
    street.clock.move(hours=25)
    await street.deliver(person_id)
    await street.deliver(person_id)
    assert [state for _, state, _ in street.states(person_id)] == ["sent", "parked", "parked", "sent"]
    assert street.twilio.sent[-1]["ContentSid"].startswith("HX")
    assert len(street.twilio.sent) == 2  # one template, not one a message
    await phone.say("ouvrir")
    assert phone.heard[-2:] == ["جواب الموظف", "تتمة الجواب"]
    assert street.house.assistant.heard == ["bonjour"]
    del by_callback


@pytest.mark.parametrize("by_callback", [False, True])
async def test_63016_at_once_or_by_callback_is_the_same(street, phone, by_callback):
    await phone.say("bonjour")
    person_id = phone.person_id()
    street.twilio.closed.add(phone.number)
    street.twilio.closed_by_callback = by_callback
    message_id = write(street, person_id, "جواب الموظف")
    await street.deliver(person_id)
    if by_callback:
        await status_of(phone, street.twilio.sent[-1]["sid"], "failed", message_id, ErrorCode="63016")
    await street.deliver(person_id)
    assert ("جواب الموظف", "parked", "window") in street.states(person_id)
    assert street.twilio.sent[-1]["text"] == "template"
    street.twilio.closed.clear()
    await phone.say("merci")
    assert ("جواب الموظف", "sent", "") in street.states(person_id)
    assert phone.heard.count("جواب الموظف") == (2 if by_callback else 1)


async def test_a_reply_from_the_desk_after_24_hours_waits_says_so_there_and_follows_an_answer(street, phone):
    kept = escape(load_words(WORDS, "fr")["delivery_parked"])
    await phone.say("bonjour")
    with street.house.database.write() as session:
        person = conversations.find_person(session, phone.person_id())
        case = add_case(session, person, street.clock())
        case.channel = "whatsapp"
        case_id = case.id
        accounts.add_agent(
            session,
            username="amina",
            password="a long enough password",
            cell_id="cell-oujda",
            language="fr",
            now=street.clock(),
        )
    street.clock.move(hours=25)
    await street.http.post("/desk/sign-in", data={"username": "amina", "password": "a long enough password"})
    page = (await street.http.get(f"/desk/cases/{case_id}")).text
    assert kept not in page
    token = re.search(r'name="form_token" value="([^"]+)"', page)[1]
    for text in ("une", "deux"):
        data = {"form_token": token, "text": text}
        assert (await street.http.post(f"/desk/cases/{case_id}/reply", data=data)).status_code == 303
    assert [state for text, state, _ in street.states(person.id) if text in ("une", "deux")] == ["parked", "parked"]
    thread = (await street.http.get(f"/desk/cases/{case_id}/thread")).text
    assert thread.count(kept) == 2
    assert len([row for row in street.twilio.sent if row["text"] == "template"]) == 1
    await phone.say("oui")
    assert phone.heard[-2:] == ["une", "deux"]
    assert kept not in (await street.http.get(f"/desk/cases/{case_id}/thread")).text


async def test_without_a_template_the_reply_waits(street, phone, sent_settings):
    channel = street.house.channels["whatsapp"]
    channel._settings = sent_settings.model_copy(update={"whatsapp_template_fr": "", "whatsapp_template_ar": ""})
    await phone.say("bonjour")
    street.clock.move(hours=30)
    write(street, phone.person_id(), "جواب")
    await street.deliver(phone.person_id())
    assert [state for _, state, _ in street.states(phone.person_id())] == ["sent", "parked"]


@pytest.mark.parametrize("code", ["63018", "131056", "429"])
async def test_slow_down_is_obeyed_and_order_kept(street, phone, code):
    street.twilio.faults.append(code)
    await phone.say("one")
    assert street.states(phone.person_id())[0][1:] == ("waiting", "too_fast")
    await phone.say("two")
    assert phone.heard == []
    street.clock.move(seconds=120)
    await street.deliver(phone.person_id())
    assert [text.split()[1] for text in phone.heard] == ["one", "two"]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("21610", ("parked", "stopped")),
        ("63003", ("failed", "not_on_channel")),
        ("63033", ("parked", "blocked")),
        ("21617", ("failed", "refused")),
        ("99999", ("failed", "refused")),
        ("63007", ("waiting", "settings")),
    ],
)
async def test_each_failure_is_understood(street, phone, code, state):
    street.twilio.faults.append(code)
    await phone.say("buttons 12")
    assert street.states(phone.person_id())[0][1:] == state


async def test_a_lost_answer_is_looked_up_and_the_message_not_sent_twice(street, phone):
    from channels.whatsapp import client

    impatient(street)
    street.twilio.faults.append("lost")
    await phone.say("one")
    person_id = phone.person_id()
    assert street.states(person_id)[0][1:] == ("uncertain", "broken_off")
    await phone.say("two")
    assert [text.split()[1] for text in phone.heard] == ["one"]  # order: "two" waits until "one" is known
    street.clock.move(seconds=6)
    await street.deliver(person_id)
    assert [state for _, state, _ in street.states(person_id)] == ["sent", "sent"]
    assert [text.split()[1] for text in phone.heard] == ["one", "two"]
    del client


async def test_a_message_that_never_arrived_is_sent_once_twilio_does_not_know_it(street, phone):
    street.twilio.faults.append("500")
    await phone.say("buttons 12")
    person_id = phone.person_id()
    assert street.states(person_id)[0][1] == "uncertain"
    for _ in range(4):
        street.clock.move(seconds=25)
        await street.deliver(person_id)
    assert len(phone.heard) == 1
    assert street.states(person_id)[0][1] == "sent"


async def test_a_receipt_settles_a_doubtful_message(street, phone):
    impatient(street)
    street.twilio.faults.append("lost")
    await phone.say("buttons 12")
    person_id = phone.person_id()
    row = street.twilio.sent[0]
    await status_of(phone, row["sid"], "delivered", row["StatusCallback"].rpartition("=")[2])
    assert street.states(person_id)[0][1] == "sent"
    assert len(phone.heard) == 1


def impatient(street):
    street.house.channels["whatsapp"].account.client.http_client.timeout = 0.5


async def test_the_receipt_may_come_before_the_answer_to_the_send(street, phone):
    street.house.mailroom.postman.ledger.early.clear()
    await phone.say("buttons 12")
    row = street.twilio.sent[0]
    from bot import deliveries

    message_id = int(row["StatusCallback"].rpartition("=")[2])
    with street.house.database.write() as session:
        delivery = session.get(deliveries.Delivery, message_id)
        delivery.state, delivery.provider_id, delivery.parts_sent = "sending", None, 0
    await status_of(phone, row["sid"], "delivered", message_id)
    with street.house.database.read() as session:
        delivery = session.get(deliveries.Delivery, message_id)
    assert delivery.state == "sending"
    street.house.mailroom.postman._settle_part(delivery, 0, 1, row["sid"])
    assert street.states(phone.person_id())[0][1] == "delivered"


async def test_the_address_of_a_file_elsewhere_is_never_called(street):
    from channels.channel import FileGone

    for address in (
        "http://127.0.0.1/x",
        "https://evil.example/2010-04-01/Accounts/x",
        "https://api.twilio.com/2010-04-01/Accounts/ACother/Messages/MM1/Media/ME1",
    ):
        with pytest.raises(FileGone):
            await street.house.channels["whatsapp"].fetch_file(address, largest=10)


async def test_communes_are_offered_where_a_place_is_asked_for(street, phone):
    await phone.say("place")
    titles = [button["title"] for button in street.twilio.sent[0]["buttons"]]
    assert "Nador" in titles
    await phone.say("الناظور")
    assert street.house.assistant.heard[-1] == '/give_place{"place": "nador"}'
    await phone.say("place")
    await phone.say(str(titles.index("Oujda") + 1))
    assert street.house.assistant.heard[-1] == '/give_place{"place": "oujda"}'
