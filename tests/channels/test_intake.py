"""Longer work gives way to the requests that are being taken."""

import asyncio

from channels.tasks import intake


async def test_work_waits_while_a_request_is_taken_and_goes_on_after_it():
    order = []

    async def work():
        await intake().give_way()
        order.append("work")

    with intake().taking():
        waiting = asyncio.create_task(work())
        await asyncio.sleep(0.01)
        order.append("acknowledged")
    await waiting
    assert order == ["acknowledged", "work"]


async def test_work_does_not_wait_for_ever_and_a_request_not_for_itself():
    async def work():
        await intake().give_way(at_most=0.02)
        return "done"

    with intake().taking():
        assert await asyncio.create_task(work()) == "done"
        async with asyncio.timeout(0.01):
            await intake().give_way(at_most=60)


async def test_one_piece_of_work_goes_on_at_a_time():
    turns = []

    async def work(name):
        await intake().give_way()
        turns.append(name)

    with intake().taking():
        waiting = [asyncio.create_task(work(name)) for name in range(3)]
        await asyncio.sleep(0.01)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(turns) <= 1
    await asyncio.gather(*waiting)
    assert turns == [0, 1, 2]
