"""The words around what is asked (frames.yml), in normal form and made into patterns once."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nlu.text import normalise

_FRAMES = Path(__file__).resolve().parent / "frames.yml"

#: Where the thing asked for stands in a frame.
HOLE = "…"


def any_of(name: str) -> str:
    """A pattern for any phrase of a list, the longest first."""
    return alternatives(phrases(name))


def phrases(name: str) -> Iterator[str]:
    """The phrases of a list in normal form, of all ways of writing."""
    listed = _read()[name]
    lists: Iterable[list[str]] = listed.values() if isinstance(listed, dict) else [listed]
    return (normalise(phrase) for group in lists for phrase in group)


def around(name: str) -> Iterator[tuple[str, str]]:
    """The words before and after what is asked, in normal form, for each frame of a list."""
    for group in _read()[name].values():
        for frame in group:
            before, after = frame.split(HOLE)
            yield normalise(before), normalise(after)


def alternatives(words: Iterable[str]) -> str:
    """A pattern for any of these words; none of them holds a sign that means something in a pattern."""
    return "|".join(sorted(dict.fromkeys(words), key=len, reverse=True))


@cache
def _read() -> dict[str, Any]:
    frames: dict[str, Any] = yaml.safe_load(_FRAMES.read_text(encoding="utf-8"))
    return frames
