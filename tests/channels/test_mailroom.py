"""What was accepted is answered, also if the process that accepted it died before it began."""

import asyncio
from datetime import UTC, datetime, timedelta

from bot.messages import InboundMessage
from channels import deliver


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


async def test_what_has_waited_too_long_is_looked_after_and_what_is_new_is_not(house, monkeypatch):
    clock, taken = Clock(), []
    house.receiver.now = clock
    old, _ = house.receiver.store(InboundMessage(channel="web", provider_id="1", address="old", text="bonjour"))
    clock.now += timedelta(minutes=5)
    new, _ = house.receiver.store(InboundMessage(channel="web", provider_id="2", address="new", text="bonjour"))

    async def take_up(people: list[str]) -> None:
        taken.append(people)

    monkeypatch.setattr(house.mailroom, "_take_up", take_up)
    monkeypatch.setattr(deliver, "_WATCH_EVERY", timedelta(seconds=0.01))
    watching = asyncio.create_task(house.mailroom._watch())
    while not taken:
        await asyncio.sleep(0.01)
    watching.cancel()
    assert old != new
    assert taken[0] == [old]


async def test_a_person_who_is_answered_at_once_sees_no_typing_sign(house, monkeypatch):
    shown = []

    class Slow:
        async def show_typing(self, address: str) -> None:
            shown.append(address)

    monkeypatch.setattr(deliver, "_TYPING_AFTER", 0.01)
    await house.mailroom._show_typing(Slow(), "quick", "person")
    async with house.receiver._locks.hold("person"):
        await house.mailroom._show_typing(Slow(), "slow", "person")
    assert shown == ["slow"]
