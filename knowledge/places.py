"""From coordinates to a commune. Coordinates come in, a place id goes out, nothing else is kept."""

from collections.abc import Iterable

from geopy.distance import great_circle

from knowledge.model import Place

#: A pin farther than this (km) from every known commune is at sea, abroad or a mistake.
_FARTHEST_KM = 120.0
_POLE, _ANTIMERIDIAN = 90, 180


def nearest_place(places: Iterable[Place], *, latitude: float, longitude: float) -> Place | None:
    """The commune nearest to a pin in degrees, or None for a pin that is nowhere near one."""
    if abs(latitude) > _POLE or abs(longitude) > _ANTIMERIDIAN:
        return None
    distance, place = min(
        ((great_circle((place.latitude, place.longitude), (latitude, longitude)).km, place) for place in places),
        key=lambda candidate: candidate[0],
    )
    return place if distance <= _FARTHEST_KM else None
