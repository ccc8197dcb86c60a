"""Which cell takes a case: the nearest of those that take cases and have a known place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from geopy.distance import great_circle

from bot.errors import NoCellAvailable


class CellLike(Protocol):
    """What routing needs to know of a cell."""

    @property
    def id(self) -> str: ...
    @property
    def latitude(self) -> float | None: ...
    @property
    def longitude(self) -> float | None: ...
    @property
    def is_routable(self) -> bool: ...


C = TypeVar("C", bound=CellLike)


@dataclass(frozen=True)
class Route(Generic[C]):
    """The chosen cell, how far it is (km, great circle) and whether that is far enough to be called remote."""

    cell: C
    distance_km: float
    is_remote: bool


def nearest_cell(cells: Sequence[C], *, latitude: float, longitude: float, remote_beyond_km: float) -> Route[C]:
    """The nearest routable cell; raises NoCellAvailable when none has a known place."""
    candidates = [
        (distance_km(cell, latitude=latitude, longitude=longitude), index, cell)
        for index, cell in enumerate(cells)
        if cell.is_routable
    ]
    if not candidates:
        raise NoCellAvailable
    distance, _, cell = min(candidates, key=lambda candidate: candidate[:2])
    return Route(cell=cell, distance_km=distance, is_remote=distance > remote_beyond_km)


def distance_km(cell: CellLike, *, latitude: float, longitude: float) -> float:
    """Great-circle distance (km) from a cell with a known place to a point in degrees."""
    return float(great_circle((cell.latitude, cell.longitude), (latitude, longitude)).km)
