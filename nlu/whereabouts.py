"""Which of the places that a message names is the one where its writer is."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import yaml

from nlu.text import normalise

_WORDS = Path(__file__).resolve().parent / "whereabouts.yml"

#: How many words before or after a name may say something of it.
_NEAR = 5
#: What the words around a name are worth, beside its likeness to a known one (0 to 1).
_MARKED, _NOW = 1.0, 1.5
_FROM, _BESIDE, _PAST, _FAR, _NOT = -2.0, -1.5, -1.5, -2.0, -3.0


class Named(Protocol):
    """A place found in a message."""

    @property
    def first_word(self) -> int:
        """Its first word."""

    @property
    def last_word(self) -> int:
        """Its last word."""

    @property
    def confidence(self) -> float:
        """How like a known name it is, 0 to 1."""

    @property
    def is_marked(self) -> bool:
        """Whether a word like "in" stands before it."""


Place = TypeVar("Place", bound=Named)


@cache
def words(name: str) -> frozenset[str]:
    """The words of a list in normal form, of all ways of writing."""
    listed = _read()[name]
    groups = listed.values() if isinstance(listed, dict) else [listed]
    return frozenset(normalise(word) for group in groups for word in group)


@cache
def _read() -> dict[str, Any]:
    listed: dict[str, Any] = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))
    return listed


@cache
def frame_words() -> frozenset[str]:
    """The words that may stand around a place in a message that says nothing else."""
    return words("before") | words("around")


def likeliest(places: Sequence[Place], tokens: Sequence[str]) -> Place:
    """The place where the writer is; of equals the first."""
    return max(places, key=lambda place: (_worth(place, tokens), -place.first_word))


def _worth(place: Named, tokens: Sequence[str]) -> float:
    before = tokens[max(place.first_word - _NEAR, 0) : place.first_word]
    after = tokens[place.last_word + 1 : place.last_word + 1 + _NEAR]
    worth = place.confidence + (_MARKED if place.is_marked else 0.0)
    for near, name, value in (
        (before[-1:], "origin", _FROM),
        (before[-1:], "to", -_MARKED),
        (before[-2:], "beside", _BESIDE),
        (before[-2:], "around_it", _FROM),
        (before, "left", _FROM),
        (before, "past", _PAST),
        (before, "not", _NOT),
        (before, "now", _NOW),
        (after[:1], "now", _NOW),
        (after, "far", _FAR),
    ):
        worth += value * bool(words(name).intersection(near))
    return worth
