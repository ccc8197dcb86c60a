"""Notices to a cell in a chat: entered with a code, told once, without a word of the person, and ended at either side."""

import json
import re
from datetime import timedelta

import pytest

from bot import privacy
from bot.aliases import find_alias, mark_reachable
from bot.cases import notice_chats, service, staff_queries
from bot.cases.lifecycle import reopen
from bot.cases.model import Case
from bot.cases.notice_chats import NoticeChat
from bot.conversations import Message, find_person
from bot.linking import link
from bot.messages import OutboundMessage
from channels.staff import accounts
from knowledge.reception import terms_of as terms_of_cells
from tests.channels.telegram.conftest import TelegramPhone
from tests.channels.whatsapp.conftest import WhatsAppPhone
from tests.fixtures.people import add_case, add_person, terms_of

CELL = "cell-oujda"
PASSWORD = "a long enough password"


class Lead:
    """A lead of a cell: a browser at the desk."""

    def __init__(self, street, name="lead", cell=CELL, language="fr"):
        self.street, self.name, self.cell, self.cookies = street, name, cell, {}
        with street.house.database.write() as session:
            agent = accounts.add_agent(
                session, username=name, password=PASSWORD, cell_id=cell, language=language, now=street.clock(), roles=["agent", "lead"]
            )  # fmt: skip
            agent.id = name

    async def sign_in(self):
        form = {"username": self.name, "password": PASSWORD}
        answer = await self.street.http.post("/desk/sign-in", data=form)
        assert answer.status_code == 303
        return self

    async def post(self, path, **data):
        page = (await self.street.http.get("/desk/account")).text
        token = re.search(r'name="form_token" value="([^"]+)"', page)[1]
        return await self.street.http.post(path, data={"form_token": token, **data})

    async def page(self):
        return (await self.street.http.get("/desk/cell")).text

    async def make_code(self):
        """The code and the link that the page shows."""
        page = (await self.post("/desk/cell/chats")).text
        link = re.search(r'href="(https://t\.me/[^"]+)"', page)
        return re.search(r"/desk (\w{4}-\w{4})", page)[1], link[1] if link else ""


@pytest.fixture
async def lead(street):
    return await Lead(street).sign_in()


@pytest.fixture
async def phone(street, lead):
    """A lead's telephone that has entered the chat; nobody has the desk open."""
    phone = TelegramPhone(street, chat=7001, language="fr")
    await phone.say(f"/desk {(await lead.make_code())[0]}")
    assert len(chats(street)) == 1
    street.clock.move(minutes=3)
    return phone


def chats(street):
    with street.house.database.read() as session:
        return notice_chats.list_chats(session)


def open_case(street, name="someone", cell=CELL, **summary):
    now = street.clock()
    with street.house.database.write() as session:
        terms = terms_of_cells(session, street.house.desk.front.library, street.house.settings, now)
        case = add_case(
            session, add_person(session, now, name), now, cell_id=cell, terms=terms, question="a secret", **summary
        )
        return case.id, case.reference


async def told(street, phone):
    """What arrives in the chat of one round of the watch."""
    before = len(phone.heard)
    await street.house.desk.watch.look_around()
    return phone.heard[before:]


@pytest.mark.parametrize("way", ["/desk {code}", "desk {code}", "/desk@dalil_bot {lower}", "/start desk-{code}"])
async def test_a_chat_is_entered_with_a_code(street, lead, way):
    phone = TelegramPhone(street, chat=700200417, language="ar")
    code, address = await lead.make_code()
    assert address == f"https://t.me/dalil_bot?start=desk-{code}"
    await phone.say(way.format(code=code, lower=code.lower()))
    assert "Oujda" in phone.heard[-1]  # in the lead's language
    assert [(chat.cell_id, chat.channel) for chat in chats(street)] == [(CELL, "telegram")]
    assert "Telegram" in await lead.page()
    with street.house.database.read() as session:
        assert staff_queries.list_audit(session, cell_id=CELL)[0].action == "chat_entered"
    content = b"".join(path.read_bytes() for path in street.house.settings.data_path.glob("dalil.sqlite*"))
    assert b"700200417" not in content  # the chat is kept encrypted


async def test_a_code_is_good_once_for_a_time_and_for_its_lead_only(street, lead):
    other = TelegramPhone(street, chat=7003)
    code, _ = await lead.make_code()
    newer, _ = await lead.make_code()
    await other.say(f"/desk {code}")  # made void by the newer one
    await other.say("/desk ABCD-2345")
    assert chats(street) == []
    street.clock.move(minutes=16)
    await other.say(f"/desk {newer}")
    assert chats(street) == []
    code, _ = await lead.make_code()
    with street.house.database.write() as session:
        staff_queries.get_agent(session, "lead").roles = ["agent"]
    await other.say(f"/desk {code}")
    assert chats(street) == []
    with street.house.database.write() as session:
        staff_queries.get_agent(session, "lead").roles = ["agent", "lead"]
    await other.say(f"/desk {code}")
    assert len(chats(street)) == 1
    third = TelegramPhone(street, chat=7004)
    await third.say(f"/desk {code}")
    assert len(chats(street)) == 1


async def test_codes_cannot_be_tried_out(street, lead):
    phone = TelegramPhone(street, chat=7005)
    for _ in range(notice_chats.MOST_TRIES):
        await phone.say("/desk ABCD-2345")
    code, _ = await lead.make_code()
    await phone.say(f"/desk {code}")
    assert chats(street) == []
    street.clock.move(minutes=61)
    code, _ = await (await lead.sign_in()).make_code()
    await phone.say(f"/desk {code}")
    assert len(chats(street)) == 1


async def test_a_webhook_without_the_secret_enters_nothing(street, lead):
    phone = TelegramPhone(street, chat=7006)
    code, _ = await lead.make_code()
    body = json.dumps({"update_id": 1, "message": phone.message(text=f"/desk {code}")})
    assert (await phone.post(body, secret="wrong")).status_code == 403
    assert chats(street) == []


async def test_new_and_urgent_cases_are_told_once_without_a_word_of_the_person(street, phone):
    case_id, reference = open_case(street, topic="health")
    [notice] = await told(street, phone)
    assert reference in notice
    assert "Santé" in notice
    assert notice.endswith(f"/desk/cases/{case_id}")
    assert "secret" not in notice
    assert await told(street, phone) == []
    # Danger does not wait for the pause between notices.
    _, urgent = open_case(street, "b", urgent_type="violence")
    [notice] = await told(street, phone)
    assert urgent in notice
    assert reference not in notice
    assert "⚠️" in notice
    street.clock.move(hours=1)
    assert await told(street, phone) == []


async def test_other_new_cases_wait_and_are_told_together(street, phone):
    open_case(street, "a")
    assert len(await told(street, phone)) == 1
    references = [open_case(street, name)[1] for name in "bcdefgh"]
    assert await told(street, phone) == []
    street.clock.move(minutes=11)
    [notice] = await told(street, phone)
    assert [reference in notice for reference in references] == [True] * 5 + [False] * 2
    assert "7" in notice
    assert notice.endswith("/desk")


async def test_what_was_there_before_is_not_told_nor_another_cells_case(street, lead):
    open_case(street, "before")
    phone = TelegramPhone(street, chat=7007)
    await phone.say(f"/desk {(await lead.make_code())[0]}")
    street.clock.move(minutes=3)
    open_case(street, "elsewhere", cell="cell-nador", urgent_type="violence")
    assert await told(street, phone) == []


async def test_new_cases_are_not_told_while_somebody_has_the_desk_open(street, lead, phone):
    await lead.page()
    _, plain = open_case(street, "a")
    _, urgent = open_case(street, "b", urgent_type="sea")
    [notice] = await told(street, phone)
    assert urgent in notice
    assert plain not in notice
    street.clock.move(minutes=3)  # they have left, and nobody has taken it
    [notice] = await told(street, phone)
    assert plain in notice


async def test_an_overdue_first_reply_is_told_once_even_if_somebody_is_there(street, lead, phone):
    case_id, reference = open_case(street, "a")
    assert len(await told(street, phone)) == 1
    with street.house.database.write() as session:
        due = session.get(Case, case_id).reply_due_at
    street.clock.move(seconds=(due - street.clock()).total_seconds() - 5)
    assert await told(street, phone) == []
    street.clock.move(minutes=1)
    await (await lead.sign_in()).page()
    [notice] = await told(street, phone)
    assert reference in notice
    assert "retard" in notice
    street.clock.move(hours=2)
    assert await told(street, phone) == []


async def test_a_case_that_has_been_answered_is_not_overdue(street, phone):
    case_id, _ = open_case(street, "a")
    await told(street, phone)
    with street.house.database.write() as session:
        case = session.get(Case, case_id)
        due = case.reply_due_at
        said = OutboundMessage("oui", language="fr")
        service.reply(session, case, agent_id="lead", message=said, now=street.clock(), terms_of=terms_of)
    street.clock.move(seconds=(due - street.clock()).total_seconds() + 600)
    assert await told(street, phone) == []


async def test_a_case_that_comes_back_is_told_again(street, phone):
    case_id, reference = open_case(street, "a")
    await told(street, phone)
    closing = OutboundMessage("closed", language="fr")
    with street.house.database.write() as session:
        case = session.get(Case, case_id)
        service.close_case(session, case, agent_id=None, closing=closing, now=street.clock(), terms_of=terms_of)
    street.clock.move(minutes=11)
    open_case(street, "b", urgent_type="child")
    await told(street, phone)
    with street.house.database.write() as session:
        assert reopen(session, session.get(Case, case_id), now=street.clock(), terms_of=terms_of)
    street.clock.move(minutes=11)
    [notice] = await told(street, phone)
    assert reference in notice


async def test_a_chat_can_be_told_of_urgent_cases_only(street, lead, phone):
    [chat] = chats(street)
    await (await lead.sign_in()).post(f"/desk/cell/chats/{chat.id}", urgent_only="1")
    street.clock.move(minutes=3)
    open_case(street, "a")
    assert await told(street, phone) == []
    open_case(street, "b", urgent_type="medical")
    assert len(await told(street, phone)) == 1


@pytest.mark.parametrize("word", ["/stop", "توقف", "arrêter"])
async def test_the_officer_ends_it_in_the_chat(street, phone, word):
    await phone.say(word)
    assert chats(street) == []
    open_case(street, "a", urgent_type="violence")
    assert await told(street, phone) == []
    await phone.say("bonjour")
    assert await told(street, phone) == []
    with street.house.database.read() as session:
        assert staff_queries.list_audit(session, cell_id=CELL)[0].action == "chat_left"


async def test_a_lead_ends_it_at_the_desk_and_another_cells_lead_cannot(street, lead, phone):
    [chat] = chats(street)
    await Lead(street, "nadia", "cell-nador").sign_in()
    await lead.post(f"/desk/cell/chats/{chat.id}/delete")  # signed in as nadia now
    await lead.post(f"/desk/cell/chats/{chat.id}", urgent_only="1")
    assert [row.is_urgent_only for row in chats(street)] == [False]
    await lead.sign_in()
    await lead.post(f"/desk/cell/chats/{chat.id}/delete")
    assert chats(street) == []
    open_case(street, "a", urgent_type="violence")
    assert await told(street, phone) == []


@pytest.mark.parametrize("change", [{"is_active": False}, {"roles": ["agent"]}, {"cell_id": "cell-nador"}])
async def test_who_is_no_longer_a_lead_of_the_cell_is_not_told(street, phone, change):
    with street.house.database.write() as session:
        for name, value in change.items():
            setattr(staff_queries.get_agent(session, "lead"), name, value)
    open_case(street, "a", urgent_type="violence")
    assert await told(street, phone) == []


async def test_delete_me_ends_it_and_silence_does_not(street, phone):
    person_id = phone.person_id()
    later = street.clock() + timedelta(days=400)
    with street.house.database.write() as session:
        privacy.purge(session, retention_days=90, now=later)
        assert len(notice_chats.list_chats(session)) == 1
        assert find_alias(session, person_id, "telegram") is not None
        assert session.query(Message).filter_by(person_id=person_id).count() == 0
        privacy.forget_conversation(session, person_id, now=later)
        assert notice_chats.list_chats(session) == []
        privacy.purge(session, retention_days=90, now=later)
        assert find_person(session, person_id) is None


async def test_a_chat_that_cannot_be_reached_gathers_nothing(street, lead, phone):
    street.telegram.blocked.add(phone.chat)
    open_case(street, "a", urgent_type="violence")
    await told(street, phone)  # this one is tried, and tells us
    for name in "bcd":
        open_case(street, name, urgent_type="violence")
        await told(street, phone)
    with street.house.database.read() as session:
        assert session.query(Message).filter_by(payload=notice_chats.NOTICE).count() == 1
    assert "n&#39;arrive pas" in await (await lead.sign_in()).page()
    street.telegram.blocked.clear()
    with street.house.database.write() as session:
        mark_reachable(session, phone.person_id(), "telegram", is_reachable=True)
        street.house.mailroom.postman.change_reach(session, phone.person_id(), "telegram", is_reachable=True)
    await street.deliver(phone.person_id())
    street.clock.move(minutes=11)
    assert len(await told(street, phone)) == 1


async def test_a_notice_is_sent_again_when_telegram_is_down_and_never_twice(street, phone):
    street.telegram.faults.append("500")
    open_case(street, "a", urgent_type="violence")
    before = len(phone.heard)
    await street.house.desk.watch.look_around()
    assert phone.heard[before:] == []
    street.clock.move(minutes=1)
    await street.deliver(phone.person_id())
    await street.house.desk.watch.look_around()
    assert len(phone.heard[before:]) == 1
    assert street.telegram.wrongs == []


async def test_linking_keeps_each_cell_once(street, lead, phone):
    second = TelegramPhone(street, chat=7010, language="fr")
    await second.say(f"/desk {(await (await lead.sign_in()).make_code())[0]}")
    assert len(chats(street)) == 2
    with street.house.database.write() as session:
        link(session, old=second.person_id(), new=phone.person_id(), now=street.clock(), terms_of=terms_of)
        assert [chat.person_id for chat in session.query(NoticeChat)] == [phone.person_id()]


async def test_whatsapp_is_told_within_its_window(street, lead):
    phone = WhatsAppPhone(street)
    await phone.say(f"desk {(await lead.make_code())[0]}")
    assert [chat.channel for chat in chats(street)] == ["whatsapp"]
    street.clock.move(minutes=3)
    _, reference = open_case(street, "a", urgent_type="violence")
    before = len(phone.heard)
    await street.house.desk.watch.look_around()
    assert reference in phone.heard[before:][0]


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
async def test_notices_are_in_the_leads_language(street, language):
    lead = await Lead(street, "other", language=language).sign_in()
    phone = TelegramPhone(street, chat=7011, language="en")
    await phone.say(f"/desk {(await lead.make_code())[0]}")
    street.clock.move(minutes=3)
    for name in "abc":
        open_case(street, name, urgent_type="violence", topic="work")
    [notice] = await told(street, phone)
    expected = {"ar": "3 طلبات عاجلة", "fr": "3 demandes urgentes", "en": "3 urgent cases"}
    assert expected[language] in notice


async def test_only_leads_make_codes(street):
    lead = Lead(street, "plain")
    with street.house.database.write() as session:
        staff_queries.get_agent(session, "plain").roles = ["agent"]
    await lead.sign_in()
    assert (await lead.post("/desk/cell/chats")).status_code == 403
    assert (await lead.post("/desk/cell/chats/x/delete")).status_code == 403
    assert 'id="chats"' not in await lead.page()


def test_a_program_without_a_messenger_says_so(sign_in):
    lead = sign_in("lead")
    assert "messagerie" in lead.get("/desk/cell").text
    assert "messagerie" in lead.post("/desk/cell/chats").text
