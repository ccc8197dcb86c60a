"""Webhooks over both channels, with duplicates and out of order, while the program is killed: `python -m tests.bench.webhooks`.

WEBHOOKS (default 10000) how many, KILLS (3) how often the program is killed, RATE (50) webhooks a second. The providers are
servers on loopback that behave as they do, and send again what was not acknowledged. At the end every message must have
been answered once, and every answer have reached its person once, in order.
"""

import asyncio
import json
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import httpx
from sqlalchemy.orm import Session
from twilio.request_validator import RequestValidator

from bot import conversations, deliveries
from bot.aliases import Alias
from bot.secrets import AddressBook
from bot.settings import Settings
from bot.store.database import Database
from channels.telegram.render import render_message as telegram_requests
from channels.whatsapp.render import render_message as whatsapp_requests
from tests.bench.measure import MESSAGES
from tests.fixtures.providers import telegram, twilio
from tests.fixtures.providers.loopback import on_loopback
from tests.fixtures.server import Server

SECRET = "a-secret-for-the-bench"
KEY = "a key for the bench only"
_EACH = 5


@dataclass
class Post:
    """One webhook: where it goes, what is in it, who wrote."""

    channel: str
    person: str
    path: str
    body: bytes
    headers: dict[str, str]
    is_duplicate: bool = False


@dataclass
class Report:
    posts: int = 0
    unique: int = 0
    duplicates: int = 0
    swapped: int = 0
    kills: int = 0
    sent_again: int = 0
    lost: int = 0
    unanswered: int = 0
    answered_twice: int = 0
    delivered_twice: int = 0
    out_of_order: int = 0
    undelivered: int = 0
    doubtful: int = 0
    offered: int = 0
    wrongs: list[str] = field(default_factory=list)
    seconds: float = 0.0
    times: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.times) * 1000

    @property
    def p99(self) -> float:
        return statistics.quantiles(self.times, n=100)[-1] * 1000


def make_posts(total: int, chance: random.Random) -> tuple[list[Post], int, int]:
    """Half on each channel, five a person, one in ten sent twice, one pair in ten the wrong way round."""
    unique = round(total / 1.1)
    people = max(2, unique // _EACH)
    plan: list[Post] = []
    counts: defaultdict[int, int] = defaultdict(int)
    for number in range(unique):
        who = number % people
        counts[who] += 1
        text = MESSAGES[(who + counts[who]) % len(MESSAGES)]
        make = telegram_post if who % 2 else whatsapp_post
        plan.append(make(who, number, text))
    swapped = 0
    for at in range(0, len(plan) - people, 10):
        # The same person's next message overtakes.
        plan[at], plan[at + people] = plan[at + people], plan[at]
        swapped += 1
    duplicates = [Post(**{**post.__dict__, "is_duplicate": True}) for post in chance.sample(plan, total - unique)]
    for post in duplicates:
        at = next(index for index, other in enumerate(plan) if other.body == post.body)
        plan.insert(min(len(plan), at + chance.randint(1, 40)), post)
    return plan, len(duplicates), swapped


def telegram_post(who: int, number: int, text: str) -> Post:
    chat = 10_000 + who
    user = {"id": chat, "is_bot": False, "first_name": "x"}
    message = {
        "message_id": number + 1,
        "date": 1_764_000_000 + number,
        "chat": {"id": chat, "type": "private"},
        "from": user,
        "text": text,
    }
    headers = {"content-type": "application/json", "X-Telegram-Bot-Api-Secret-Token": SECRET}
    body = json.dumps({"update_id": number + 1, "message": message}).encode()
    return Post("telegram", str(chat), "/channels/telegram/webhook", body, headers)


def whatsapp_post(who: int, number: int, text: str) -> Post:
    address = f"whatsapp:+2126{who:08}"
    fields = {
        "MessageSid": f"SM{number + 1:032x}", "AccountSid": twilio.ACCOUNT, "From": address, "To": twilio.NUMBER,
        "NumMedia": "0", "Body": text,
    }  # fmt: skip
    path = "/channels/whatsapp/webhook"
    signature = RequestValidator(twilio.AUTH_TOKEN).compute_signature(f"https://dalil.example.org{path}", fields)
    headers = {"content-type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
    return Post("whatsapp", address, path, urlencode(fields).encode(), headers)


class Storm:
    """Sends the webhooks as providers do, and kills the program on the way."""

    def __init__(self, server: Server, report: Report, *, rate: float, kills: int) -> None:
        self.server, self.report, self.rate, self.kills = server, report, rate, kills
        self.is_down = False

    async def blow(self, posts: list[Post]) -> None:
        killing = [round(len(posts) * (number + 1) / (self.kills + 1)) for number in range(self.kills)]
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=50)
        async with httpx.AsyncClient(base_url=self.server.address, timeout=15, limits=limits) as http:
            began = time.perf_counter()
            tasks = []
            for number, post in enumerate(posts):
                if number in killing:
                    await self.kill_and_start()
                    began = time.perf_counter() - number / self.rate
                await asyncio.sleep(max(0.0, began + number / self.rate - time.perf_counter()))
                tasks.append(asyncio.create_task(self.send(http, post)))
            await asyncio.gather(*tasks)

    async def kill_and_start(self) -> None:
        self.is_down = True
        self.server.kill()
        self.report.kills += 1
        await asyncio.to_thread(self.server.start)
        self.is_down = False

    async def send(self, http: httpx.AsyncClient, post: Post) -> None:
        """Once, and again until it is acknowledged."""
        for attempt in range(200):
            began = time.perf_counter()
            try:
                answer = await http.post(post.path, content=post.body, headers=post.headers)
                if answer.status_code == 200:
                    if not attempt:
                        self.report.times.append(time.perf_counter() - began)
                    return
            except httpx.HTTPError:
                pass
            self.report.sent_again += 1
            await asyncio.sleep(0.5 + random.random())
        raise RuntimeError("never acknowledged")


def run(folder: Path, *, total: int, kills: int, rate: float, patience: float = 600.0) -> Report:
    report = Report(posts=total)
    posts, report.duplicates, report.swapped = make_posts(total, random.Random(11))
    report.unique = total - report.duplicates
    bot_api, twilio_api = telegram.TelegramServer(per_second=33, chat_seconds=0.9), twilio.TwilioServer()
    with on_loopback(bot_api.app()) as bot_address, on_loopback(twilio_api.app()) as twilio_address:
        server = Server(
            folder / "data",
            DALIL_SECRET_KEY=KEY,
            DALIL_PUBLIC_URL="https://dalil.example.org",
            DALIL_TELEGRAM_TOKEN=telegram.TOKEN,
            DALIL_TELEGRAM_SECRET=SECRET,
            DALIL_TELEGRAM_API_BASE=bot_address,
            DALIL_TWILIO_ACCOUNT_SID=twilio.ACCOUNT,
            DALIL_TWILIO_AUTH_TOKEN=twilio.AUTH_TOKEN,
            DALIL_WHATSAPP_FROM=twilio.NUMBER,
            DALIL_TWILIO_API_BASE=twilio_address,
            DALIL_WHATSAPP_PER_SECOND="80",
        )
        server.start()
        began = time.perf_counter()
        try:
            asyncio.run(Storm(server, report, rate=rate, kills=kills).blow(posts))
            wait_until_quiet(server, patience)
        finally:
            server.stop()
        report.seconds = time.perf_counter() - began
        settle(server, report, posts, bot_api, twilio_api)
    return report


def wait_until_quiet(server: Server, patience: float) -> None:
    """Until nothing is unanswered and nothing on its way; a doubtful message is quiet once it has been offered again."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        database = sqlite3.connect(server.data_dir / "dalil.sqlite", timeout=30)
        waiting = database.execute(
            "SELECT count(*) FROM messages WHERE direction = 'in' AND answered_at IS NULL"
        ).fetchone()[0]
        under_way = database.execute(
            "SELECT count(*) FROM deliveries WHERE state IN ('waiting', 'sending') OR (state = 'uncertain' AND next_try_at < '9000-01-01')"
        ).fetchone()[0]
        database.close()
        if not waiting and not under_way:
            return
        time.sleep(0.5)


def settle(server: Server, report: Report, posts: list[Post], bot_api, twilio_api) -> None:
    """Compare what was sent in, what stands in the database, and what each person was given."""
    report.wrongs = [*bot_api.wrongs, *twilio_api.wrongs]
    given: defaultdict[str, list[str]] = defaultdict(list)
    for message in bot_api.sent:
        given[str(message["chat"])].append(message["text"])
    for message in twilio_api.sent:
        given[message["To"]].append(message["text"])
    database = Database(Settings(data_dir=server.data_dir, database_url="").resolved_database_url)
    book = AddressBook(KEY)
    expected: defaultdict[str, set[bytes]] = defaultdict(set)
    for post in posts:
        expected[post.person].add(post.body)
    with database.read() as session:
        for person, bodies in expected.items():
            settle_person(session, book, report, person, len(bodies), given[person])
    database.close()


def settle_person(
    session: Session, book: AddressBook, report: Report, person: str, wrote: int, given: list[str]
) -> None:
    channel = "whatsapp" if person.startswith("whatsapp") else "telegram"
    alias = session.get(Alias, book.fingerprint(channel, person))
    rows = conversations.list_messages(session, alias.person_id) if alias else []
    inbound = [row for row in rows if row.direction == "in"]
    outbound = [row for row in rows if row.direction == "out"]
    found = deliveries.deliveries_of(session, [row.id for row in outbound])
    report.lost += max(0, wrote - len(inbound))
    report.unanswered += sum(row.answered_at is None for row in inbound)
    offers = [row for row in outbound if row.payload == "may_be_lost"]
    # The messages of one turn are written at the same moment; two turns of one person never are.
    turns = {row.created_at for row in outbound if row.payload != "may_be_lost"}
    report.answered_twice += max(0, len(turns) - len(inbound))
    report.unanswered += max(0, len(inbound) - len(turns))
    doubtful = {row.id for row in outbound if found[row.id].state == "uncertain"}
    report.doubtful += len(doubtful)
    report.offered += len(offers)
    report.undelivered += sum(found[row.id].state not in ("sent", "delivered", "read", "uncertain") for row in outbound)
    match(report, channel, outbound, doubtful, given)
    report.out_of_order += answered_out_of_order(inbound)


def match(report: Report, channel: str, outbound: list, doubtful: set[int], given: list[str]) -> None:
    """Walk through what a person was given beside what they should have been given: each part once, in order."""
    render = telegram_requests if channel == "telegram" else whatsapp_requests
    at = 0
    for row in outbound:
        for request in render(row):
            values = request.values
            texts = {values.get("text"), values.get("body")}
            for kind in values.get("types", {}).values():
                texts.add(kind["body"])
            if at < len(given) and given[at] in texts:
                at += 1
            elif row.id not in doubtful:
                report.undelivered += 1
    report.delivered_twice += len(given) - at


def answered_out_of_order(inbound: list) -> int:
    """Pairs in which a message was answered before another that came earlier and was written earlier."""
    wrong = 0
    for first, second in ((a, b) for a in inbound for b in inbound if a.id < b.id):
        was_written_first = first.sequence <= second.sequence
        if was_written_first and first.answered_at and second.answered_at and first.answered_at > second.answered_at:
            wrong += 1
    return wrong


def main() -> None:
    total, kills = int(os.environ.get("WEBHOOKS", "10000")), int(os.environ.get("KILLS", "3"))
    with tempfile.TemporaryDirectory(prefix="dalil-webhooks-") as folder:
        report = run(Path(folder), total=total, kills=kills, rate=float(os.environ.get("RATE", "50")))
    for name, value in report.__dict__.items():
        if name not in ("times", "wrongs"):
            print(f"{name:16} {value:,.0f}")
    print(
        f"acknowledged     median {report.median:.1f} ms, 99th percentile {report.p99:.1f} ms, of {len(report.times)}"
    )
    print(f"limits broken    {len(report.wrongs)} {report.wrongs[:3]}")


if __name__ == "__main__":
    main()
