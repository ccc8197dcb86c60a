"""How fast we may write: places in a queue, a whole channel's and each person's. Holds within one process.

With several processes each keeps its own queue: divide the channel's rate by their number (docs/operate.md). What a
provider still refuses is tried again after the pause that it names.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

_MOST_KEPT = 50_000


@dataclass
class _Queue:
    """A generic cell rate: one message each ``interval``, ``burst`` of them at once after a rest."""

    interval: float
    burst: int
    next_at: float = 0.0

    def wait(self, now: float) -> float:
        return max(0.0, self.next_at - (self.burst - 1) * self.interval - now)

    def take(self, now: float) -> None:
        self.next_at = max(self.next_at, now) + self.interval


@dataclass
class Pace:
    """The queues of one channel. ``clock`` is monotonic, in seconds."""

    per_second: float
    person_interval: float
    person_burst: int
    clock: Callable[[], float] = time.monotonic
    _people: OrderedDict[str, _Queue] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self._all = _Queue(1.0 / self.per_second, burst=max(1, int(self.per_second / 4)))

    def take(self, address: str) -> float:
        """Take a place for one message; returns the seconds until it may be sent. A place that is far off is not taken."""
        now = self.clock()
        person = self._people.get(address) or _Queue(self.person_interval, self.person_burst)
        wait = max(self._all.wait(now), person.wait(now))
        person.take(now)
        self._all.take(now)
        self._people[address] = person
        self._people.move_to_end(address)
        while len(self._people) > _MOST_KEPT:
            self._people.popitem(last=False)
        return wait

    def hold(self, address: str, seconds: float) -> None:
        """The provider asked for a pause with one person."""
        person = self._people.setdefault(address, _Queue(self.person_interval, self.person_burst))
        person.next_at = max(person.next_at, self.clock() + seconds + (person.burst - 1) * person.interval)

    def hold_all(self, seconds: float) -> None:
        """The provider asked for a pause with everybody."""
        self._all.next_at = max(self._all.next_at, self.clock() + seconds + (self._all.burst - 1) * self._all.interval)
