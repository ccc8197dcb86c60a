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

    monkeypatch.setattr(house.mailroom, "_take_up", taken.append)
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


class Workflows:
    """Stands where DBOS does: each workflow runs until it is let go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.let_go = asyncio.Event()

    async def start_workflow_async(self, workflow, person_id: str) -> "Workflows":
        self.begun.append(person_id)
        return self

    async def get_result(self) -> None:
        await self.let_go.wait()


async def test_who_is_queued_already_is_not_queued_again_and_only_so_many_run_at_once(house, monkeypatch):
    workflows = Workflows()
    monkeypatch.setattr(deliver, "DBOS", workflows)
    house.mailroom._workflows = asyncio.Semaphore(1)
    for person_id in ("first", "second", "second", "third", "first"):
        house.mailroom._take_up([person_id])
    await asyncio.sleep(0.01)
    assert workflows.begun == ["first"]
    workflows.let_go.set()
    await asyncio.sleep(0.01)
    # Who writes again while being answered is answered once more, since that message may have come too late.
    assert workflows.begun == ["first", "second", "third", "first"]
