"""Which cell takes a case. An ordered list of wishes: the first cell that fulfils enough of them takes the case.

Pure: cells come in as candidates with their hours and load. An urgent case goes to whoever is open first; any other to the
nearest cell that is competent, opens soon, speaks the person's language and has room, looked for ever farther away:
within reach, in the province, in the region, at a partner there. Room and language are given up before the region is left,
opening soon only when nobody anywhere does. Competence is never given up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, Literal, Protocol, TypeVar

from geopy.distance import great_circle

from bot.cases.office_hours import OfficeHours
from bot.errors import NoCellAvailable

#: How much later than the first of all cells a cell may open and still count as opening soon.
PATIENCE = timedelta(hours=24)

Reach = Literal["near", "province", "region", "partner", "remote"]
Flaw = Literal["not_accepting", "no_place", "no_hours", "topic", "closed", "language", "full", "farther", "opens_later"]


class CellLike(Protocol):
    """What routing needs to know of a cell."""

    @property
    def id(self) -> str: ...
    @property
    def latitude(self) -> float | None: ...
    @property
    def longitude(self) -> float | None: ...
    @property
    def province(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def is_routable(self) -> bool: ...


C = TypeVar("C", bound=CellLike)


@dataclass(frozen=True)
class Candidate(Generic[C]):
    """A cell as it is today. No topics or languages named means all of them; no capacity means no limit."""

    cell: C
    hours: OfficeHours
    topics: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    load: int = 0
    capacity: int = 0
    is_accepting: bool = True


@dataclass(frozen=True)
class Need:
    """What a case asks of a cell. Coordinates are those of the commune, in degrees."""

    latitude: float
    longitude: float
    province: str = ""
    region: str = ""
    topic: str = ""
    language: str = ""
    is_urgent: bool = False


@dataclass(frozen=True)
class PassedOver:
    """A cell that was nearer, and why it was not chosen. ``opens_at`` where it is closed."""

    cell_id: str
    distance_km: float
    flaw: Flaw
    opens_at: datetime | None = None


@dataclass(frozen=True)
class Route(Generic[C]):
    """The chosen cell and why. ``given_up`` names the wishes that it does not fulfil."""

    cell: C
    distance_km: float
    is_remote: bool
    reach: Reach
    opens_at: datetime | None
    is_urgent: bool
    given_up: tuple[Flaw, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()

    def reason(self) -> dict[str, Any]:
        """The choice as data, for the case: the desk puts it into words."""
        return {
            "reach": self.reach,
            "urgent": self.is_urgent,
            "opens_at": self.opens_at.isoformat() if self.opens_at else "",
            "given_up": list(self.given_up),
            "passed_over": [
                {
                    "cell": item.cell_id,
                    "km": round(item.distance_km),
                    "flaw": item.flaw,
                    "opens_at": item.opens_at.isoformat() if item.opens_at else "",
                }
                for item in self.passed_over
            ],
        }


@dataclass(frozen=True)
class _Seen(Generic[C]):
    """A candidate from where the person stands."""

    candidate: Candidate[C]
    distance: float
    opens_at: datetime | None
    reach: Reach
    flaws: frozenset[Flaw]


def choose_cell(candidates: Sequence[Candidate[C]], need: Need, *, remote_beyond_km: float, now: datetime) -> Route[C]:
    """The cell that takes a case; raises NoCellAvailable when none is competent and has a known place."""
    seen = [_see(candidate, need, remote_beyond_km, now) for candidate in candidates]
    first = min((item.opens_at for item in seen if item.opens_at and not item.flaws & _NEVER), default=None)
    seen = [_with_closed(item, first, need) for item in seen]
    for reaches, given_up in _ATTEMPTS:
        fit = [item for item in seen if item.reach in reaches and item.flaws <= given_up]
        if fit:
            chosen = min(fit, key=_first_open if need.is_urgent else _nearest)
            return _route(chosen, seen, need, remote_beyond_km)
    raise NoCellAvailable


_NEVER: frozenset[Flaw] = frozenset({"not_accepting", "no_place", "topic"})
_REACHES: tuple[Reach, ...] = ("near", "province", "region", "partner", "remote")
_WITHIN_REGION: tuple[Reach, ...] = ("near", "province", "region", "partner")
#: Where is looked, and what may be lacking, one attempt after another.
_ATTEMPTS: tuple[tuple[tuple[Reach, ...], frozenset[Flaw]], ...] = (
    (_WITHIN_REGION, frozenset()),
    (_WITHIN_REGION, frozenset({"full"})),
    (_WITHIN_REGION, frozenset({"full", "language"})),
    (_REACHES, frozenset()),
    (_REACHES, frozenset({"full", "language"})),
    (_REACHES, frozenset({"full", "language", "closed"})),
    (_REACHES, frozenset({"full", "language", "closed", "no_hours"})),
)


def _see(candidate: Candidate[C], need: Need, remote_beyond_km: float, now: datetime) -> "_Seen[C]":
    cell = candidate.cell
    flaws: set[Flaw] = set()
    if not candidate.is_accepting:
        flaws.add("not_accepting")
    if not cell.is_routable:
        return _Seen(candidate, float("inf"), None, "remote", frozenset(flaws | {"no_place"}))
    if candidate.topics and need.topic and need.topic not in candidate.topics:
        flaws.add("topic")
    if candidate.languages and need.language and need.language not in candidate.languages:
        flaws.add("language")
    if candidate.capacity and candidate.load >= candidate.capacity:
        flaws.add("full")
    opens_at = candidate.hours.opens_at(now)
    if opens_at is None:
        flaws.add("no_hours")
    distance = distance_km(cell, latitude=need.latitude, longitude=need.longitude)
    return _Seen(candidate, distance, opens_at, _reach(cell, distance, need, remote_beyond_km), frozenset(flaws))


def _reach(cell: CellLike, distance: float, need: Need, remote_beyond_km: float) -> Reach:
    if distance <= remote_beyond_km:
        return "near"
    if not need.region or cell.region != need.region:
        return "remote"
    if cell.kind not in ("commune", "province"):
        return "partner"
    return "province" if need.province and cell.province == need.province else "region"


def _with_closed(item: "_Seen[C]", first: datetime | None, need: Need) -> "_Seen[C]":
    patience = timedelta() if need.is_urgent else PATIENCE
    if first is None or item.opens_at is None or item.opens_at <= first + patience:
        return item
    return _Seen(item.candidate, item.distance, item.opens_at, item.reach, item.flaws | {"closed"})


def _nearest(item: "_Seen[C]") -> tuple[float, ...]:
    return (_REACHES.index(item.reach), item.distance)


def _first_open(item: "_Seen[C]") -> tuple[float, ...]:
    return (item.opens_at.timestamp() if item.opens_at else float("inf"), *_nearest(item))


def _route(chosen: "_Seen[C]", seen: Sequence["_Seen[C]"], need: Need, remote_beyond_km: float) -> Route[C]:
    nearer = sorted((item for item in seen if _distance(item) < chosen.distance), key=_distance)
    return Route(
        cell=chosen.candidate.cell,
        distance_km=chosen.distance,
        is_remote=chosen.distance > remote_beyond_km,
        reach=chosen.reach,
        opens_at=chosen.opens_at,
        is_urgent=need.is_urgent,
        given_up=tuple(flaw for flaw in _ORDER_OF_FLAWS if flaw in chosen.flaws),
        passed_over=tuple(
            PassedOver(item.candidate.cell.id, item.distance, _worst(item, need), item.opens_at) for item in nearer
        ),
    )


_ORDER_OF_FLAWS: tuple[Flaw, ...] = ("not_accepting", "topic", "no_hours", "closed", "language", "full")


def _worst(item: "_Seen[C]", need: Need) -> Flaw:
    found = next((flaw for flaw in _ORDER_OF_FLAWS if flaw in item.flaws), None)
    if found is not None:
        return found
    return "opens_later" if need.is_urgent else "farther"


_distance: Callable[["_Seen[C]"], float] = lambda item: item.distance  # noqa: E731 - a key, named


def distance_km(cell: CellLike, *, latitude: float, longitude: float) -> float:
    """Great-circle distance (km) from a cell with a known place to a point in degrees."""
    return float(great_circle((cell.latitude, cell.longitude), (latitude, longitude)).km)
