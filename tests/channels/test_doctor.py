"""`dalil doctor` and the Telegram commands, against servers that behave as the providers do."""

import asyncio
import io

import pytest
from rich.console import Console
from typer.testing import CliRunner

from channels import cli
from channels.doctor import examine
from channels.telegram.channel import TelegramChannel
from channels.telegram.poll import AnotherPolls, WebhookIsSet, make_way, only_one, poll
from channels.telegram.setup import set_up


async def report(settings):
    console = Console(file=io.StringIO(), width=200)
    good = await examine(settings, console)
    return good, console.file.getvalue()


async def test_with_everything_right_it_says_so(sent_settings, database, telegram_server):
    settings = sent_settings.model_copy(update={"whatsapp_template_en": sent_settings.whatsapp_template_fr})
    await set_up(TelegramChannel(settings).bot, settings)
    good, text = await report(settings)
    assert good, text
    assert "The webhook is set to this program." in text
    assert "A signature over https://dalil.example.org/channels/whatsapp/webhook is accepted." in text
    assert telegram_server.wrongs == []


@pytest.mark.parametrize(
    ("wrong", "said", "mend"),
    [
        ({"telegram_token": "1:another"}, "does not know this token", "@BotFather"),
        ({"telegram_api_base": "http://127.0.0.1:9"}, "cannot be reached", "DALIL_TELEGRAM_API_BASE"),
        ({}, "No webhook is set", "dalil telegram set-webhook"),
        ({"public_url": "http://dalil.example.org"}, "sends to https", "DALIL_PUBLIC_URL"),
        ({"twilio_auth_token": "another"}, "does not know this account", "_AUTH_TOKEN"),
        ({"twilio_api_base": "http://127.0.0.1:9"}, "Twilio cannot be reached", "DALIL_TWILIO_API_BASE"),
        ({"whatsapp_from": "+212600000000"}, "not one of Twilio's form", "whatsapp:+212"),
        ({"whatsapp_template_ar": ""}, "There is no template (ar)", "DALIL_WHATSAPP_TEMPLATE_AR"),
        ({"whatsapp_template_ar": "HXunknown"}, "does not know the template", "DALIL_WHATSAPP_TEMPLATE_AR"),
    ],
    ids=range(9),
)
async def test_what_is_wrong_is_said_with_how_to_mend_it(sent_settings, database, wrong, said, mend):
    good, text = await report(sent_settings.model_copy(update=wrong))
    assert not good
    assert said in text
    assert mend in text


async def test_a_channel_without_settings_is_off_and_says_what_it_lacks(settings, database):
    good, text = await report(settings)
    assert good
    assert "DALIL_TELEGRAM_TOKEN" in text
    assert "DALIL_TWILIO_ACCOUNT_SID" in text


async def test_menu_and_descriptions_are_set_in_three_languages_and_by_default(sent_settings, telegram_server):
    await set_up(TelegramChannel(sent_settings).bot, sent_settings)
    assert telegram_server.webhook["secret_token"] == sent_settings.telegram_secret
    languages = [values.get("language_code") for method, values in telegram_server.calls if method == "setMyCommands"]
    assert languages == ["ar", "fr", "en", None]
    assert telegram_server.wrongs == []


async def test_polling_stores_before_it_confirms_and_takes_nothing_twice(street):
    update = {
        "update_id": 900,
        "message": {
            "message_id": 1,
            "date": 1,
            "chat": {"id": 7, "type": "private"},
            "from": {"id": 7, "is_bot": False, "first_name": "x"},
            "text": "bonjour",
        },
    }
    street.telegram.updates += [
        update,
        {**update, "update_id": 901, "message": {**update["message"], "message_id": 2, "text": "encore"}},
    ]
    broken = [True]

    async def accept(parsed):
        if broken:
            broken.pop()
            raise RuntimeError("the database is away")
        await street.house.take("telegram", parsed)

    import channels.telegram.poll as module

    module._PAUSE_SECONDS = 0.05
    task = asyncio.create_task(poll(street.house.channels["telegram"], accept))
    for _ in range(100):
        await asyncio.sleep(0.05)
        if len(street.telegram.sent) == 2 and not street.telegram.updates:
            break
    task.cancel()
    assert street.house.assistant.heard == ["bonjour", "encore"]
    assert street.telegram.updates == []


async def test_polling_gives_way_to_a_webhook_unless_told_to_take_over(sent_settings, telegram_server):
    channel = TelegramChannel(sent_settings)
    await set_up(channel.bot, sent_settings)
    with pytest.raises(WebhookIsSet):
        await make_way(channel.bot, take_over=False)
    await make_way(channel.bot, take_over=True)
    assert telegram_server.webhook == {}


def test_one_program_polls_at_a_time(tmp_path):
    with only_one(tmp_path), pytest.raises(AnotherPolls), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


def test_while_it_polls_there_is_no_webhook(sent_settings):
    assert TelegramChannel(sent_settings, is_polling=True).router().routes == []


def test_the_commands_say_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DALIL_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DALIL_TELEGRAM_TOKEN", raising=False)
    for command in (["telegram", "poll"], ["telegram", "set-webhook"]):
        assert CliRunner().invoke(cli.app, command).exit_code == 2
    monkeypatch.setenv("DALIL_TELEGRAM_TOKEN", "1:a")
    assert CliRunner().invoke(cli.app, ["telegram", "set-webhook"]).exit_code == 2
