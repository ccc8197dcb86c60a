import itertools
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from tests.fixtures.providers.twilio import ACCOUNT, AUTH_TOKEN, NUMBER

_numbers = itertools.count(1)


class WhatsAppPhone:
    """Somebody on WhatsApp."""

    def __init__(self, street, number="whatsapp:+212600000001"):
        self.street, self.number = street, number

    async def post(
        self,
        fields,
        path="/channels/whatsapp/webhook",
        signature=None,
        content_type="application/x-www-form-urlencoded",
        body=None,
    ):
        url = f"{self.street.twilio.public_url}{path}"
        if signature is None:
            signature = RequestValidator(AUTH_TOKEN).compute_signature(url, fields)
        headers = {"content-type": content_type, **({"X-Twilio-Signature": signature} if signature else {})}
        content = body if body is not None else urlencode(fields)
        return await self.street.http.post(path, content=content, headers=headers)

    def fields(self, **more):
        sid = f"SM{next(_numbers):032x}"
        return {
            "MessageSid": sid,
            "SmsMessageSid": sid,
            "AccountSid": ACCOUNT,
            "From": self.number,
            "To": NUMBER,
            "ProfileName": "Amina Secret",
            "WaId": self.number[10:],
            "NumMedia": "0",
            "Body": "",
            **more,
        }

    async def send(self, **more):
        return await self.post(self.fields(**more))

    async def say(self, text):
        return await self.send(Body=text)

    @property
    def heard(self):
        return self.street.twilio.texts(self.number)

    def person_id(self):
        from bot.aliases import find_person_at

        with self.street.house.database.read() as session:
            return find_person_at(session, self.street.house.receiver.book, channel="whatsapp", address=self.number)


@pytest.fixture
def phone(street):
    return WhatsAppPhone(street)
