import itertools
import json

import pytest

from tests.channels.conftest import SECRET

_numbers = itertools.count(5000)


class TelegramPhone:
    """Somebody on Telegram."""

    def __init__(self, street, chat=4001, language="ar"):
        self.street, self.chat, self.language = street, chat, language

    async def update(self, **kinds):
        body = {"update_id": next(_numbers), **kinds}
        return await self.post(json.dumps(body))

    async def post(self, body, secret=SECRET, content_type="application/json"):
        headers = {"content-type": content_type}
        if secret is not None:
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        return await self.street.http.post("/channels/telegram/webhook", content=body, headers=headers)

    def sender(self):
        return {"id": self.chat, "is_bot": False, "first_name": "Amina", "language_code": self.language}

    def message(self, **content):
        chat = {"id": self.chat, "type": "private", "first_name": "Amina"}
        return {"message_id": next(_numbers), "date": 1764000000, "chat": chat, "from": self.sender(), **content}

    async def say(self, text):
        return await self.update(message=self.message(text=text))

    async def tap(self, token):
        return await self.update(
            callback_query={"id": str(next(_numbers)), "from": self.sender(), "data": token, "chat_instance": "1"}
        )

    @property
    def heard(self):
        return self.street.telegram.texts(self.chat)

    def person_id(self):
        from bot.aliases import find_person_at

        with self.street.house.database.read() as session:
            return find_person_at(session, self.street.house.receiver.book, channel="telegram", address=str(self.chat))


@pytest.fixture
def phone(street):
    return TelegramPhone(street)
