"""Work that nobody waits for, held until it is done: asyncio itself forgets tasks that nobody holds."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

_running: set[asyncio.Task[Any]] = set()


def in_background(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Begin work without waiting for it."""
    task = asyncio.get_running_loop().create_task(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task


class PersonLocks:
    """One lock a person, kept while anybody holds it or waits for it."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: Counter[str] = Counter()

    @asynccontextmanager
    async def hold(self, person_id: str) -> AsyncIterator[None]:
        """Hold a person's lock for the block."""
        self._users[person_id] += 1
        try:
            async with self._locks.setdefault(person_id, asyncio.Lock()):
                yield
        finally:
            self._users[person_id] -= 1
            if not self._users[person_id]:
                del self._users[person_id], self._locks[person_id]

    def is_held(self, person_id: str) -> bool:
        """Whether anybody holds a person's lock or waits for it."""
        return person_id in self._users
