"""How well messages are understood that nobody has trained on: expected against found, in shares by way of writing.

The messages stand in tests/nlu/messages: ``kept`` for the score alone, ``tuning`` for choosing and calibrating (tuning.py).
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.languages import WRITINGS
from nlu.doubt import KIND_OF_INTENT


@dataclass(frozen=True)
class Expected:
    """A message with what it ought to be understood as. ``also`` are further labels that would be right.

    ``previous`` is what was asked before, ``answered`` the article that answers it.
    """

    text: str
    label: str
    writing: str
    also: tuple[str, ...] = ()
    previous: str = ""
    answered: str | None = None
    place_id: str = ""
    style: str = ""

    @property
    def labels(self) -> frozenset[str]:
        """All labels that are right."""
        return frozenset((self.label, *self.also))

    @property
    def kind(self) -> str:
        """The part of the label before "/"."""
        return self.label.split("/")[0]

    @property
    def name(self) -> str:
        """The part of the label after "/"."""
        return self.label.split("/", 1)[-1]


@dataclass(frozen=True)
class Outcome:
    """A message and what the assistant made of it, in the form of `dalil ask --json`."""

    expected: Expected
    found: Mapping[str, Any]

    @property
    def articles(self) -> list[str]:
        """The articles found as labels, best first."""
        return [f"ask/{article}" for article in self.found["articles"]]

    @property
    def is_answered(self) -> bool:
        """Whether an article was given as the answer."""
        return bool(self.found["kind"] == "article" and self.found["decision"] == "answer")

    @property
    def is_first_right(self) -> bool:
        """Whether the best article is one of those expected."""
        return bool(self.articles) and self.articles[0] in self.expected.labels


@dataclass
class Share:
    """How many of how many."""

    right: int = 0
    total: int = 0

    @property
    def value(self) -> float:
        """The share, 0 to 1."""
        return self.right / self.total if self.total else 0.0


def read_messages(folder: Path) -> list[Expected]:
    """The messages of a folder: one JSON Lines file for each way of writing."""
    return [
        _expected(json.loads(line), writing)
        for writing in WRITINGS
        for line in (folder / f"{writing}.jsonl").read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]


def _expected(data: Mapping[str, Any], writing: str) -> Expected:
    return Expected(
        text=data["text"],
        label=data["label"],
        writing=writing,
        also=tuple(f"ask/{article}" for article in data.get("also", ())),
        previous=(data.get("previous") or {}).get("text", ""),
        answered=(data.get("previous") or {}).get("article"),
        place_id=data.get("place_id", ""),
        style=data.get("style", ""),
    )


#: Each measure: which messages it is about, and which of them count.
MEASURES: Mapping[str, tuple[Callable[[Outcome], bool], Callable[[Outcome], bool]]] = {
    "first": (lambda o: o.expected.kind == "ask", lambda o: o.is_first_right),
    "first_three": (lambda o: o.expected.kind == "ask", lambda o: bool(o.expected.labels & set(o.articles[:3]))),
    "answered": (lambda o: o.expected.kind == "ask", lambda o: o.is_answered),
    "wrong_answer": (lambda o: o.expected.kind == "ask", lambda o: o.is_answered and not o.is_first_right),
    "out_of_scope_answered": (lambda o: o.expected.kind == "out_of_scope", lambda o: o.is_answered),
    "danger_noticed": (lambda o: o.expected.kind == "urgent", lambda o: o.found["kind"] == "urgent"),
    "false_danger": (lambda o: o.expected.kind == "ask", lambda o: o.found["kind"] == "urgent"),
    "language": (lambda o: bool(o.expected.writing), lambda o: _writing(o.found) == o.expected.writing),
    "kind": (
        lambda o: o.expected.kind in ("ask_person", "greet", "thank", "goodbye", "change_language"),
        lambda o: o.found["kind"] == KIND_OF_INTENT[o.expected.kind],
    ),
    "facet": (lambda o: o.expected.kind == "follow_up", lambda o: o.found["facet"] == o.expected.name),
    "place": (lambda o: bool(o.expected.place_id), lambda o: o.found["place_id"] == o.expected.place_id),
}

#: Measures of which less is better.
LESS_IS_BETTER = frozenset(("wrong_answer", "out_of_scope_answered", "false_danger"))


def measure(outcomes: Iterable[Outcome], by: Callable[[Outcome], str]) -> dict[str, dict[str, Share]]:
    """The measures of outcomes, grouped."""
    groups: dict[str, dict[str, Share]] = defaultdict(lambda: {name: Share() for name in MEASURES})
    for outcome in outcomes:
        for name, (concerns, counts) in MEASURES.items():
            if concerns(outcome):
                share = groups[by(outcome)][name]
                share.total += 1
                share.right += counts(outcome)
    return dict(groups)


def below_floors(
    measured: Mapping[str, Mapping[str, Share]], floors: Mapping[str, Mapping[str, float]]
) -> list[tuple[str, str, float, float]]:
    """(way of writing, measure, share, floor) of each measure that misses its floor."""
    return [
        (writing, name, measured[writing][name].value, floor)
        for writing, own in floors.items()
        for name, floor in own.items()
        if (measured[writing][name].value > floor if name in LESS_IS_BETTER else measured[writing][name].value < floor)
    ]


def confusions(outcomes: Iterable[Outcome]) -> list[tuple[str, str, list[str]]]:
    """(expected, found, texts) of the articles taken for one another, the most frequent first."""
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.expected.kind == "ask" and outcome.articles and not outcome.is_first_right:
            pairs[outcome.expected.label, outcome.articles[0]].append(outcome.expected.text)
    return sorted(((a, b, texts) for (a, b), texts in pairs.items()), key=lambda pair: -len(pair[2]))


def reliability(outcomes: Iterable[Outcome], *, bins: int = 10) -> list[tuple[float, float, int]]:
    """(mean confidence, share right, messages) of article questions by confidence: equal where calibration is good."""
    collected: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for outcome in outcomes:
        if outcome.expected.kind == "ask" and outcome.found["kind"] == "article":
            confidence = float(outcome.found["confidence"])
            collected[min(int(confidence * bins), bins - 1)].append((confidence, outcome.is_first_right))
    return [
        (float(np.mean([c for c, _ in own])), float(np.mean([right for _, right in own])), len(own))
        for own in collected
        if own
    ]


def coverage(outcomes: Sequence[Outcome]) -> list[tuple[float, float]]:
    """(share answered, share wrong) of article questions, from the most cautious threshold to the least."""
    asked = [o for o in outcomes if o.expected.kind == "ask"]
    ranked = sorted((o for o in asked if o.found["kind"] == "article"), key=lambda o: -o.found["confidence"])
    points, wrong = [], 0
    for count, outcome in enumerate(ranked, 1):
        wrong += not outcome.is_first_right
        points.append((count / len(asked), wrong / len(asked)))
    return points


def worst_articles(outcomes: Iterable[Outcome], *, limit: int = 25) -> list[tuple[str, Share]]:
    """The articles found least often."""
    shares: dict[str, Share] = defaultdict(Share)
    for outcome in outcomes:
        if outcome.expected.kind == "ask":
            shares[outcome.expected.name].total += 1
            shares[outcome.expected.name].right += outcome.is_first_right
    return sorted(shares.items(), key=lambda item: (item[1].value, item[0]))[:limit]


def _writing(found: Mapping[str, Any]) -> str:
    return f"ary-{found['script']}" if found["language"] == "ary" else str(found["language"])
