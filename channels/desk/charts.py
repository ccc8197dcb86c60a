"""The geometry of the leads' plots: numbers in, places on a drawing out. The drawing itself is a template (SVG)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, cos, log10, radians

from knowledge.model import Cell, Place

WIDTH, HEIGHT = 640, 220
_LEFT, _BOTTOM, _TOP, _RIGHT = 44, 28, 12, 8
_ROW = 26
_LABEL_WIDTH = 190
_MAP_WIDTH = 420
_LEAST_BAR = 2


@dataclass(frozen=True)
class Mark:
    """Something drawn: a column, a point, a label. ``color`` is the number of a colour."""

    x: float
    y: float
    width: float = 0.0
    height: float = 0.0
    text: str = ""
    color: int = 0


@dataclass(frozen=True)
class Chart:
    """Columns or a line over labelled places, with a scale."""

    width: float
    height: float
    marks: list[Mark]
    labels: list[Mark]
    scale: list[Mark]
    path: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to see."""
        return not self.marks


def columns(stacks: Sequence[Sequence[float]], labels: Sequence[str]) -> Chart:
    """Columns, one for each label, each a stack of values in the order of colours."""
    top = _nice_top(max((sum(stack) for stack in stacks), default=0))
    step = (WIDTH - _LEFT - _RIGHT) / max(len(stacks), 1)
    marks = []
    for number, stack in enumerate(stacks):
        base = 0.0
        for color, value in enumerate(stack):
            if value:
                high, low = _y(base + value, top), _y(base, top)
                marks.append(
                    Mark(_LEFT + number * step + step * 0.14, high, step * 0.72, low - high, f"{value:g}", color)
                )
            base += value
    return Chart(WIDTH, HEIGHT, marks, _labels(labels, step), _scale(top))


def line(values: Sequence[float | None], labels: Sequence[str]) -> Chart:
    """A line through the values that there are, one place for each label."""
    known = [value for value in values if value is not None]
    top = _nice_top(max(known, default=0))
    step = (WIDTH - _LEFT - _RIGHT) / max(len(values), 1)
    points = [
        Mark(_LEFT + (number + 0.5) * step, _y(value, top), text=f"{value:.1f}".rstrip("0").rstrip("."))
        for number, value in enumerate(values)
        if value is not None
    ]
    path = " ".join(f"{'L' if number else 'M'}{mark.x:.1f},{mark.y:.1f}" for number, mark in enumerate(points))
    return Chart(WIDTH, HEIGHT, points, _labels(labels, step), _scale(top), path)


def bars(values: Iterable[tuple[str, float]]) -> Chart:
    """Lying bars with their names, in the order given."""
    rows = list(values)
    most = max((value for _, value in rows), default=0) or 1
    room = WIDTH - _LABEL_WIDTH - 60
    marks = [
        Mark(
            _LABEL_WIDTH,
            number * _ROW + 4,
            max(room * value / most, _LEAST_BAR),
            _ROW - 8,
            f"{value:g}",
        )
        for number, (_, value) in enumerate(rows)
    ]
    labels = [Mark(_LABEL_WIDTH - 8, number * _ROW + _ROW / 2 + 4, text=name) for number, (name, _) in enumerate(rows)]
    return Chart(WIDTH, max(len(rows) * _ROW, _ROW), marks, labels, [])


def map_of(cells: Iterable[Cell], places: Iterable[Place], load: Mapping[str, int], names: Mapping[str, str]) -> Chart:
    """Morocco as its communes, and on it the cells, as large as their load."""
    communes = list(places)
    west, east = min(place.longitude for place in communes), max(place.longitude for place in communes)
    south, north = min(place.latitude for place in communes), max(place.latitude for place in communes)
    # A degree of longitude is shorter than one of latitude, by the cosine of the latitude.
    squeeze = cos(radians((south + north) / 2))
    unit = (_MAP_WIDTH - 40) / ((east - west) * squeeze)

    def where(latitude: float, longitude: float) -> tuple[float, float]:
        return 20 + (longitude - west) * squeeze * unit, 20 + (north - latitude) * unit

    dots = [Mark(*where(place.latitude, place.longitude)) for place in communes]
    marks = [
        Mark(
            *where(cell.latitude, cell.longitude),
            width=5 + 3.2 * load.get(cell.id, 0) ** 0.5,
            text=f"{names[cell.id]}: {load.get(cell.id, 0)}",
        )
        for cell in cells
        if cell.latitude is not None and cell.longitude is not None
    ]
    height = 40 + (north - south) * unit
    return Chart(_MAP_WIDTH, height, sorted(marks, key=lambda mark: -mark.width), dots, [])


def _y(value: float, top: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * value / top


def _labels(labels: Sequence[str], step: float) -> list[Mark]:
    return [Mark(_LEFT + (number + 0.5) * step, HEIGHT - 8, text=text) for number, text in enumerate(labels)]


def _scale(top: float) -> list[Mark]:
    return [Mark(_LEFT, _y(value, top), WIDTH - _RIGHT - _LEFT, text=f"{value:g}") for value in (0, top / 2, top)]


def _nice_top(most: float) -> float:
    """A round number at or above ``most``, even so that its half is round too."""
    if most <= _LEAST_BAR:
        return 2.0
    unit = 10 ** (ceil(log10(most)) - 1)
    return float(next(step * unit for step in (2, 4, 6, 8, 10, 20) if step * unit >= most))
