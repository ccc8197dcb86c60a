"""Words that always work, opting out, codes that link two channels: in every language and script, on both channels."""

import pytest

from bot import conversations
from bot.cases import repository
from bot.messages import OutboundMessage
from channels.commands import PAYLOAD_OF_COMMAND, find_command
from tests.channels.telegram.conftest import TelegramPhone
from tests.channels.whatsapp.conftest import WhatsAppPhone
from tests.fixtures.people import add_case


@pytest.fixture(params=[TelegramPhone, WhatsAppPhone], ids=["telegram", "whatsapp"])
def phone(request, street):
    return request.param(street)


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("STOP", "stop"), ("Stop.", "stop"), ("arrêtez", "stop"), ("ARRETER", "stop"), ("توقف", "stop"), ("إيقاف", "stop"),
        ("ايقاف", "stop"), ("ستوب", "stop"), ("7bes", "stop"), ("unsubscribe", "stop"), ("désabonner", "stop"),
        ("start", "start"), ("ابدأ", "start"), ("commencer", "start"), ("bda", "start"),
        ("human", "person"), ("HUMAN!", "person"), ("un humain", "person"), ("شخص", "person"), ("موظف", "person"),
        ("bnadem", "person"), ("agent", "person"), ("بنادم", "person"),
        ("delete me", "delete"), ("Supprimez-moi", "delete"), ("امسح معلوماتي", "delete"), ("mse7 ma3loumati", "delete"),
        ("I want to stop working", ""), ("une personne m'a frappé", ""), ("توقف عن العمل", ""), ("", ""), ("19", ""),
    ],
)  # fmt: skip
def test_words_that_always_work(said, command):
    assert find_command(said)[0] == command


def test_no_word_stands_for_two_commands():
    from bot.data_files import read_yaml
    from channels.commands import CHANNELS_ROOT
    from nlu.text import normalise

    entries = read_yaml(CHANNELS_ROOT / "commands.yml")
    seen = {}
    for name, languages in entries.items():
        for word in {normalise(word) for words in languages.values() for word in words}:
            assert seen.setdefault(word, name) == name, word
    assert set(entries) <= set(PAYLOAD_OF_COMMAND)


def reply(street, phone, text):
    with street.house.database.write() as session:
        conversations.add_outbound(
            session, OutboundMessage(text, language="fr"), person_id=phone.person_id(),
            channel=type(phone).__name__.removesuffix("Phone").lower(), author="agent", now=street.clock(),
        )  # fmt: skip


@pytest.mark.parametrize("word", ["stop", "توقف", "arrêter"])
async def test_whoever_says_stop_is_told_so_and_not_written_to_until_they_write(street, phone, word):
    await phone.say("bonjour")
    await phone.say(word)
    assert len(phone.heard) == 2  # the confirmation comes through
    reply(street, phone, "un agent")
    await street.deliver(phone.person_id())
    assert street.states(phone.person_id())[-1] == ("un agent", "parked", "stopped")
    await phone.say("encore une question")
    assert phone.heard[2] == "un agent"
    assert phone.heard[3].startswith("echo encore")


async def test_stop_ends_a_form_that_is_under_way(street, phone):
    await phone.say("stop")
    assert street.house.assistant.heard == ["/cancel"]


async def test_human_and_delete_me_are_commands_of_the_dialogue(street, phone):
    await phone.say("شخص")
    await phone.say("delete me")
    assert street.house.assistant.heard == ["/ask_person", "/delete_me"]


async def test_stop_reaches_also_while_an_officer_has_the_case(street, phone):
    await phone.say("bonjour")
    with street.house.database.write() as session:
        case = add_case(session, conversations.find_person(session, phone.person_id()), street.clock())
        case.channel = type(phone).__name__.removesuffix("Phone").lower()
    await phone.say("stop")
    assert len(phone.heard) == 2
    assert ("person", "stop") in street.transcript(phone.person_id())


async def test_a_code_makes_two_conversations_one(street):
    one, two = TelegramPhone(street, language="fr"), WhatsAppPhone(street)
    await one.say("bonjour de telegram")
    await two.say("bonjour de whatsapp")
    assert one.person_id() != two.person_id()
    await one.say("lier")
    code = next(word for word in one.heard[-1].split() if len(word) == 9 and "-" in word)
    await two.say(code.lower())
    assert one.person_id() == two.person_id()
    texts = [text for author, text in street.transcript(one.person_id()) if author == "person"]
    assert texts[:2] == ["bonjour de telegram", "bonjour de whatsapp"]
    assert code not in str(street.transcript(one.person_id())[-2])
    await two.say("encore whatsapp")
    await one.say("encore telegram")
    assert two.heard[-1].startswith("echo encore whatsapp")  # each is answered where they wrote
    assert one.heard[-1].startswith("echo encore telegram")


async def test_a_code_is_good_once_for_a_time_and_not_for_oneself(street):
    one, two = TelegramPhone(street, language="fr"), WhatsAppPhone(street)
    await two.say("bonjour")
    for spoil in ("self", "late", "used", "invented"):
        await one.say("lier")
        code = next(word for word in one.heard[-1].split() if len(word) == 9 and "-" in word)
        if spoil == "self":
            await one.say(code)
            assert "code" in one.heard[-1].lower()
        if spoil == "late":
            street.clock.move(minutes=16)
            await two.say(code)
        if spoil == "invented":
            await two.say("ABCD-2345")
        if spoil == "used":
            third = WhatsAppPhone(street, "whatsapp:+212600000077")
            await third.say(code)
            assert third.person_id() == one.person_id()
            await two.say(code)
        assert one.person_id() != two.person_id(), spoil


async def test_linking_keeps_a_live_case_with_the_officer(street, now):
    one, two = TelegramPhone(street, language="fr"), WhatsAppPhone(street)
    await one.say("bonjour")
    await two.say("bonjour")
    with street.house.database.write() as session:
        case = add_case(session, conversations.find_person(session, two.person_id()), street.clock())
        case.channel = "whatsapp"
    await one.say("lier")
    code = next(word for word in one.heard[-1].split() if len(word) == 9 and "-" in word)
    await two.say(code)
    with street.house.database.read() as session:
        assert conversations.find_person(session, one.person_id()).owner == "desk"


async def test_linking_two_live_cases_leaves_one(street):
    one, two = TelegramPhone(street, language="fr"), WhatsAppPhone(street)
    await one.say("lier")
    code = next(word for word in one.heard[-1].split() if len(word) == 9 and "-" in word)
    await two.say("bonjour")
    with street.house.database.write() as session:
        for phone, channel in ((one, "telegram"), (two, "whatsapp")):
            case = add_case(session, conversations.find_person(session, phone.person_id()), street.clock())
            case.channel = channel
            street.clock.move(minutes=1)
    await two.say(code)
    await two.say("j'attends toujours")
    with street.house.database.read() as session:
        cases = repository.list_cases_of_person(session, one.person_id(), cell_id="cell-oujda")
        assert [case.status for case in cases] == ["closed", "open"]  # the newest first
        texts = [message.text for message in repository.list_case_messages(session, cases[1].id)]
        assert texts[-1] == "j'attends toujours"
        assert cases[1].channel == "whatsapp"  # where they wrote last
        assert conversations.find_person(session, one.person_id()).owner == "desk"


async def test_delete_me_takes_what_is_on_its_way_and_the_window_stays_known(street):
    from bot.privacy import forget_conversation

    phone = WhatsAppPhone(street)
    await phone.say("bonjour")
    reply(street, phone, "en route")
    person_id = phone.person_id()
    with street.house.database.write() as session:
        forget_conversation(session, person_id, now=street.clock())
        conversations.add_outbound(
            session, OutboundMessage("effacé", language="fr"), person_id=person_id, channel="whatsapp", author="bot", now=street.clock()
        )  # fmt: skip
    await street.deliver(person_id)
    assert phone.heard[-1] == "effacé"
    assert "en route" not in phone.heard
