from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import httpx
import pytest
import pytest_asyncio
from playwright.sync_api import Browser
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.testclient import TestClient

from bot import conversations, deliveries
from bot.settings import Settings
from channels.staff import accounts
from tests.fixtures.browser import Visits, running_chromium
from tests.fixtures.house import TestHouse, build_test_house
from tests.fixtures.providers import telegram, twilio
from tests.fixtures.providers.loopback import Standing, standing
from tests.fixtures.server import Server, running_server


@pytest.fixture(scope="session", autouse=True)
def real_hasher() -> Iterator[Callable[[], PasswordHash]]:
    """Passwords are hashed by argon2 as always, but with the least work: 0.2 s for each sign-in add up to a minute."""
    real, quick = accounts._hasher, PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_hasher", lambda: quick)
        yield real


@pytest.fixture
def house(settings, database) -> TestHouse:
    return build_test_house(settings, database)


@pytest.fixture
def client(house) -> TestClient:
    return TestClient(house.app, follow_redirects=False)


@pytest.fixture(scope="session")
def bot_api() -> Iterator[Standing]:
    """Where the Bot API stands for all tests; each has a server of its own there."""
    with standing() as place:
        yield place


@pytest.fixture(scope="session")
def twilio_api() -> Iterator[Standing]:
    with standing() as place:
        yield place


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """A whole Dalil in a process of its own, for the tests of one file."""
    with running_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def visit(chromium, server) -> Iterator[Visits]:
    visits = Visits(chromium, server.address)
    yield visits
    visits.end()


@pytest.fixture
def telegram_server(bot_api) -> telegram.TelegramServer:
    server = telegram.TelegramServer()
    bot_api.app, server.address = server.app(), bot_api.address
    return server


@pytest.fixture
def twilio_server(twilio_api) -> twilio.TwilioServer:
    server = twilio.TwilioServer()
    twilio_api.app, server.address = server.app(), twilio_api.address
    return server


SECRET = "a-secret_for-tests"


@pytest.fixture
def sent_settings(settings, telegram_server, twilio_server) -> Settings:
    """Settings with both channels on, their providers on loopback."""
    return settings.model_copy(
        update={
            "public_url": twilio_server.public_url,
            "telegram_token": telegram.TOKEN,
            "telegram_secret": SECRET,
            "telegram_api_base": telegram_server.address,
            "twilio_account_sid": twilio.ACCOUNT,
            "twilio_auth_token": twilio.AUTH_TOKEN,
            "whatsapp_from": twilio.NUMBER,
            "twilio_api_base": twilio_server.address,
            "whatsapp_template_ar": twilio.TEMPLATES["ar"],
            "whatsapp_template_fr": twilio.TEMPLATES["fr"],
        }
    )


@dataclass(repr=False)
class Street:
    """Both channels in a house without Rasa, and the way in from outside."""

    house: TestHouse
    http: httpx.AsyncClient
    telegram: telegram.TelegramServer
    twilio: twilio.TwilioServer
    clock: "StoppableClock"

    async def deliver(self, person_id: str) -> None:
        await self.house.mailroom.postman.deliver(person_id)

    def states(self, person_id: str) -> list[tuple[str, str, str]]:
        """Text, state and failure of every message out."""
        with self.house.database.read() as session:
            rows = [row for row in conversations.list_messages(session, person_id) if row.direction == "out"]
            found = deliveries.deliveries_of(session, [row.id for row in rows])
            return [(row.text, found[row.id].state, found[row.id].failure) for row in rows if row.id in found]

    def transcript(self, person_id: str) -> list[tuple[str, str]]:
        with self.house.database.read() as session:
            return [(row.author, row.text) for row in conversations.list_messages(session, person_id)]


class StoppableClock:
    """The clock, moved on by tests instead of waiting."""

    def __init__(self) -> None:
        from bot.clock import utc_now

        self._now, self.ahead = utc_now, None

    def move(self, **by: float) -> None:
        from datetime import timedelta

        self.ahead = (self.ahead or timedelta()) + timedelta(**by)

    def __call__(self):
        return self._now() + self.ahead if self.ahead else self._now()


@pytest_asyncio.fixture
async def street(sent_settings, database, telegram_server, twilio_server):
    clock = StoppableClock()
    house = build_test_house(sent_settings, database, now=clock)

    async def no_sleep(seconds: float) -> None:
        return None

    house.mailroom.postman.sleep = no_sleep
    for name, channel in house.channels.items():
        await channel.start(partial(house.take, name))
    transport = httpx.ASGITransport(house.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://inside") as http:
        yield Street(house, http, telegram_server, twilio_server, clock)
    for channel in house.channels.values():
        await channel.stop()
