"""Work that nobody waits for, held until it is done: asyncio itself forgets tasks that nobody holds."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any
from weakref import WeakKeyDictionary

_running: set[asyncio.Task[Any]] = set()


def in_background(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Begin work without waiting for it."""
    task = asyncio.get_running_loop().create_task(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task


class Intake:
    """The requests that are being taken at this moment; longer work gives way to them."""

    def __init__(self) -> None:
        self._takers: set[asyncio.Task[Any] | None] = set()
        self._one_at_a_time = asyncio.Lock()
        self._is_quiet = asyncio.Event()
        self._is_quiet.set()

    @contextmanager
    def taking(self) -> Iterator[None]:
        """The present task takes a request for the block."""
        taker = asyncio.current_task()
        self._takers.add(taker)
        self._is_quiet.clear()
        try:
            yield
        finally:
            self._takers.discard(taker)
            if not self._takers:
                self._is_quiet.set()

    async def give_way(self, *, at_most: float = 0.5) -> None:
        """Wait until no request is being taken, or ``at_most`` seconds: whoever is acknowledged late sends again.

        One caller at a time goes on, and between two of them the program looks at what has come in. A request does not wait
        for itself.
        """
        if asyncio.current_task() in self._takers:
            return
        async with self._one_at_a_time:
            await asyncio.sleep(0)
            if self._takers:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._is_quiet.wait(), at_most)


_intakes: WeakKeyDictionary[asyncio.AbstractEventLoop, Intake] = WeakKeyDictionary()


def intake() -> Intake:
    """The intake of the running loop; a program has one."""
    return _intakes.setdefault(asyncio.get_running_loop(), Intake())


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
