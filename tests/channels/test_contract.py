"""What every channel keeps, whatever its provider: one test, all channels."""

import inspect
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.conversations import Message
from bot.settings import Settings
from channels import channel as contract
from channels.channel import Arrival, Limits, Refused, Request
from channels.telegram.channel import TelegramChannel
from channels.web.channel import WebChannel
from channels.whatsapp.channel import WhatsAppChannel
from tests.channels.conftest import SECRET
from tests.fixtures.providers import telegram, twilio

CHANNELS = ("web", "telegram", "whatsapp")
ROOT = Path(contract.__file__).parent


@pytest.fixture(scope="module")
def channels(tmp_path_factory):
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("contract"),
        secret_key="a secret",
        public_url="https://dalil.example.org",
        telegram_token=telegram.TOKEN,
        telegram_secret=SECRET,
        twilio_account_sid=twilio.ACCOUNT,
        twilio_auth_token=twilio.AUTH_TOKEN,
        whatsapp_from=twilio.NUMBER,
    )
    return {
        "web": WebChannel(settings, None, None),
        "telegram": TelegramChannel(settings),
        "whatsapp": WhatsAppChannel(settings, None),
    }


async def no_body():
    yield b""


def test_every_folder_of_a_channel_is_here():
    folders = {path.parent.name for path in ROOT.glob("*/channel.py")}
    assert folders == set(CHANNELS)


@pytest.mark.parametrize("name", CHANNELS)
def test_it_has_every_part_of_the_contract(channels, name):
    channel = channels[name]
    assert channel.name == name
    assert isinstance(channel.limits, Limits)
    for part in ("router", "verify", "parse", "render", "send"):
        ours, theirs = inspect.signature(getattr(channel, part)), inspect.signature(getattr(contract.Channel, part))
        assert list(ours.parameters) == [key for key in theirs.parameters if key != "self"], part
    assert {path.name for path in (ROOT / name).iterdir()} >= {
        "channel.py",
        "parse.py",
        "doc.md",
        "quality.yml",
        "words.yml",
    }


@pytest.mark.parametrize("name", CHANNELS)
async def test_a_stranger_is_refused_before_the_body_is_read(channels, name):
    async def never():
        pytest.fail("the body was read")
        yield b""

    with pytest.raises(Refused) as refusal:
        await channels[name].verify(
            Arrival("/x", {"origin": "https://evil.example", "host": "dalil"}, never(), largest=10)
        )
    assert refusal.value.status in (401, 403)


@pytest.mark.parametrize("name", CHANNELS)
@given(body=st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parsing_anything_at_all_is_a_list_or_a_refusal(channels, name, body):
    try:
        assert isinstance(channels[name].parse(body, speaker="someone", url="/channels/x"), list)
    except Refused as refusal:
        assert refusal.status == 400


@pytest.mark.parametrize("name", CHANNELS)
@given(
    text=st.text(alphabet="abc ابت ،.\n😀{}1", min_size=1, max_size=5000).filter(str.strip),
    titles=st.lists(st.text(alphabet="abé ابت😀", min_size=1, max_size=90).filter(str.strip), max_size=14),
    asks_place=st.booleans(),
    language=st.sampled_from(["ar", "fr", "en", ""]),
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_packed_is_rendered_within_the_limits_and_the_same_each_time(
    channels, name, text, titles, asks_place, language
):
    from bot.messages import OutboundMessage, pack

    channel = channels[name]
    for number, packed in enumerate(
        pack([OutboundMessage(text)], limit=channel.limits.text, count=channel.limits.count)
    ):
        buttons = [{"title": title, "token": f"{index:022}"} for index, title in enumerate(titles)]
        row = message(number, packed.text, buttons, asks_place, language)
        requests = channel.render(row)
        assert requests == channel.render(row)
        assert requests
        assert all(isinstance(request, Request) for request in requests)
        for request in requests:
            check(name, channel, request)


def message(number, text, buttons, asks_place, language):
    from datetime import UTC, datetime

    return Message(
        id=number,
        person_id="p",
        channel="x",
        direction="out",
        author="bot",
        text=text,
        payload="",
        problem="",
        language=language,
        buttons=buttons,
        asks_place=asks_place,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def check(name, channel, request):
    if name == "telegram":
        assert telegram.text_problem(request.values["text"]) == "" or not request.values["text"].strip()
        assert telegram.markup_problem(request.values["reply_markup"]) == ""
    elif name == "whatsapp":
        if request.method == "form":
            content = {"types": request.values["types"], "language": request.values["language"]}
            assert twilio.content_problem(content) == ""
            assert twilio.variables_problem(__import__("json").dumps(request.values["variables"])) == ""
        assert channel.limits.count(request.values["body"]) <= 1600
