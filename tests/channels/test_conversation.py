"""A whole conversation in Arabic on each channel: the real program, the real clients, servers that behave as the providers."""

import json
import re
import time
from urllib.parse import urlencode

import httpx
import pytest
from twilio.request_validator import RequestValidator

from tests.channels.conftest import SECRET
from tests.fixtures.providers import telegram, twilio
from tests.fixtures.providers.loopback import on_loopback
from tests.fixtures.server import running_server

pytestmark = [pytest.mark.rasa, pytest.mark.slow]

OGG = b"OggS" + b"\x00" * 3000
NADOR = (35.17, -2.93)


class OnTelegram:
    """Somebody who reads and presses what the Telegram server was given."""

    name = "telegram"

    def __init__(self, server, http):
        self.server, self.http, self.chat, self.number = server, http, 55001, 1

    def _post(self, **kinds):
        self.number += 1
        update = {"update_id": self.number, **kinds}
        headers = {"content-type": "application/json", "X-Telegram-Bot-Api-Secret-Token": SECRET}
        assert (
            self.http.post("/channels/telegram/webhook", content=json.dumps(update), headers=headers).status_code == 200
        )

    def _message(self, **content):
        user = {"id": self.chat, "is_bot": False, "first_name": "أمينة", "language_code": "ar"}
        chat = {"id": self.chat, "type": "private"}
        self._post(message={"message_id": self.number, "date": int(time.time()), "chat": chat, "from": user, **content})

    def say(self, text):
        self._message(text=text)

    def send_place(self, latitude, longitude):
        self._message(location={"latitude": latitude, "longitude": longitude})

    def send_voice(self, content):
        self.server.files["VOICE"] = content
        self._message(voice={"file_id": "VOICE", "file_unique_id": "v", "duration": 3, "file_size": len(content)})

    def press(self, title):
        for message in reversed(self.server.sent):
            for row in (message["markup"] or {}).get("inline_keyboard", []):
                for button in row:
                    if button["text"] == title:
                        user = {"id": self.chat, "is_bot": False, "first_name": "أمينة", "language_code": "ar"}
                        return self._post(
                            callback_query={
                                "id": f"tap{self.number}",
                                "from": user,
                                "chat_instance": "1",
                                "data": button["callback_data"],
                            }
                        )
        raise AssertionError(title)

    def heard(self):
        return self.server.texts(self.chat)


class OnWhatsApp:
    """Somebody who reads and presses what the Twilio server was given."""

    name = "whatsapp"

    def __init__(self, server, http):
        self.server, self.http, self.address, self.number = server, http, "whatsapp:+212600000042", 1

    def _send(self, **fields):
        self.number += 1
        form = {
            "MessageSid": f"SM{self.number:032x}", "AccountSid": twilio.ACCOUNT, "From": self.address, "To": twilio.NUMBER,
            "ProfileName": "أمينة", "NumMedia": "0", "Body": "", **fields,
        }  # fmt: skip
        signature = RequestValidator(twilio.AUTH_TOKEN).compute_signature(
            f"{self.server.public_url}/channels/whatsapp/webhook", form
        )
        headers = {"content-type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        assert self.http.post("/channels/whatsapp/webhook", content=urlencode(form), headers=headers).status_code == 200

    def say(self, text):
        self._send(Body=text)

    def send_place(self, latitude, longitude):
        self._send(Latitude=str(latitude), Longitude=str(longitude), Address="شارع", Label="داري")

    def send_voice(self, content):
        self.server.media["VOICE"] = content
        url = f"https://api.twilio.com/2010-04-01/Accounts/{twilio.ACCOUNT}/Messages/MM1/Media/VOICE"
        self._send(NumMedia="1", MediaUrl0=url, MediaContentType0="audio/ogg")

    def press(self, title):
        for message in reversed(self.server.sent):
            for button in message["buttons"]:
                if button["title"] == title:
                    return self._send(Body=title, ButtonText=title, ButtonPayload=button["token"])
            numbered = re.search(rf"^\u200f?(\d+)\. {re.escape(title)}$", message["text"], re.MULTILINE)
            if numbered:
                return self.say(numbered[1])
        raise AssertionError(title)

    def heard(self):
        return self.server.texts(self.address)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """The program, both providers, and a way in."""
    bot_api, twilio_api = telegram.TelegramServer(), twilio.TwilioServer()
    with on_loopback(bot_api.app()) as bot_address, on_loopback(twilio_api.app()) as twilio_address:
        settings = {
            "DALIL_PUBLIC_URL": twilio_api.public_url,
            "DALIL_TELEGRAM_TOKEN": telegram.TOKEN,
            "DALIL_TELEGRAM_SECRET": SECRET,
            "DALIL_TELEGRAM_API_BASE": bot_address,
            "DALIL_TWILIO_ACCOUNT_SID": twilio.ACCOUNT,
            "DALIL_TWILIO_AUTH_TOKEN": twilio.AUTH_TOKEN,
            "DALIL_WHATSAPP_FROM": twilio.NUMBER,
            "DALIL_TWILIO_API_BASE": twilio_address,
        }
        with running_server(tmp_path_factory.mktemp("town"), **settings) as server:
            twilio_api.callbacks_to, twilio_api.statuses = server.address, ("delivered", "sent")
            with httpx.Client(base_url=server.address, timeout=30) as http:
                yield server, bot_api, twilio_api, http


class Officer:
    """An officer of Nador at the desk."""

    def __init__(self, server):
        self.http = httpx.Client(base_url=server.address, timeout=30, follow_redirects=False)
        answer = self.http.post("/desk/sign-in", data={"username": "cell-nador", "password": server.desk_password})
        # The program believes that it stands behind HTTPS, so the cookie is for HTTPS only.
        self.http.headers["cookie"] = answer.headers["set-cookie"].split(";")[0]

    def newest_case(self):
        return re.findall(r"/desk/cases/([0-9a-f]{32})", self.http.get("/desk").text)[0]

    def page(self, case_id):
        return self.http.get(f"/desk/cases/{case_id}").text

    def do(self, case_id, what, **fields):
        token = re.search(r'name="form_token" value="([^"]+)"', self.page(case_id))[1]
        assert self.http.post(f"/desk/cases/{case_id}/{what}", data={"form_token": token, **fields}).status_code == 303


def until(look, within=30.0):
    deadline = time.monotonic() + within
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("kind", [OnTelegram, OnWhatsApp], ids=["telegram", "whatsapp"])
def test_question_facet_place_officer_and_satisfaction(town, kind):
    server, bot_api, twilio_api, http = town
    person = kind(bot_api if kind is OnTelegram else twilio_api, http)

    def answer_to(act, *args):
        before = len(person.heard())
        act(*args)
        until(lambda: len(person.heard()) > before)
        time.sleep(1.5)  # an answer may have a second part
        return "\n".join(person.heard()[before:])

    first = answer_to(person.say, "كيف أجدد بطاقة الإقامة؟")
    assert "التجديد" in first
    assert "توقف" in first  # how to stop, in the first answer
    documents = answer_to(person.press, "الوثائق")
    assert documents
    assert documents != first
    assert "هل توافق" in answer_to(person.say, "شخص")
    assert "مدينة" in answer_to(person.press, "نعم، أوافق")
    opened = answer_to(person.send_place, *NADOR)
    assert re.search(r"[A-Z2-9]{3}-[A-Z2-9]{3}", opened)
    assert "الناظور" in opened

    officer = Officer(server)
    case_id = until(officer.newest_case)
    assert "الموظف" in answer_to(person.send_voice, OGG)
    before = len(person.heard())
    person.say("عندي سؤال آخر")
    until(lambda: "عندي سؤال آخر" in officer.page(case_id))
    assert len(person.heard()) == before  # the bot is silent
    (file_path,) = set(re.findall(rf"/desk/cases/{case_id}/files/[0-9a-f]+", officer.page(case_id)))
    assert officer.http.get(file_path).content == OGG

    words = "مرحبا، تفضلوا إلى مكتبنا غدا."
    assert answer_to(lambda: officer.do(case_id, "reply", text=words)) == words
    sent = "Envoyé" if kind is OnTelegram else "Remis"
    until(lambda: sent in officer.page(case_id))
    assert "هل ساعدك" in answer_to(lambda: officer.do(case_id, "close"))
    assert "شكرا" in answer_to(person.press, "نعم")
    assert person.server.wrongs == []
    log = server.log.read_text()
    assert not any(secret in log for secret in ("212600000042", "55001", telegram.TOKEN, "الإقامة", "Traceback"))
    if kind is OnTelegram:
        until(lambda: len(bot_api.taps) == 3)
