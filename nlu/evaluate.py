"""How well messages are understood that nobody has trained on: expected against found, in shares by way of writing.

The messages stand in tests/nlu/messages: ``tuning`` for choosing and calibrating, ``kept`` for the score alone.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.languages import WRITINGS
from nlu.calibration import Calibration, Seen, fit_calibration
from nlu.doubt import KIND_OF_INTENT
from nlu.labels import LabelSet
from nlu.ranking import Ranker
from nlu.terms import Array

#: What calibration aims at: of article questions so many get a wrong answer, of all messages without danger so many are taken
#: for it (of article questions half as many). Lower than what we promise, for new messages vary.
WRONG_AT_MOST = 0.02
FALSE_DANGER_AT_MOST = 0.03
#: How many new questions after an answer are about something near to it.
_ABOUT_THE_SAME = 0.25


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


def calibrate(ranker: Ranker, messages: Sequence[Expected]) -> Calibration:
    """The calibration of a ranker on messages that it was not trained on."""
    labels = LabelSet(ranker.labels)
    at = {name: column for column, name in enumerate(ranker.labels)}
    # An article question may come first or after another; a follow-up only after. In a conversation that has begun, a
    # follow-up is taken to be twice as likely as another question.
    rows = [
        (index, in_context)
        for index, message in enumerate(messages)
        for in_context in ((False, True) if message.kind == "ask" else (message.kind == "follow_up",))
        if any(label in at for label in message.labels)
    ]
    right = np.zeros((len(rows), len(ranker.labels)))
    for row, (index, _) in enumerate(rows):
        right[row, [at[label] for label in messages[index].labels if label in at]] = 1.0
    follow_ups = sum(message.kind == "follow_up" for message in messages)
    second_question = follow_ups / max(sum(message.kind == "ask" for message in messages), 1) / 2
    scores = ranker.scores_of([message.text for message in messages])
    seen = Seen(
        scores=scores[[index for index, _ in rows]],
        right=right,
        writings=[messages[index].writing for index, _ in rows],
        in_context=[in_context for _, in_context in rows],
        weights=np.array(
            [second_question if in_context and messages[index].kind == "ask" else 1.0 for index, in_context in rows]
        ),
        lengths=[len(messages[index].text.split()) for index, _ in rows],
        answered=_answered(messages, [index for index, _ in rows], scores, labels),
    )
    return fit_calibration(seen, labels, wrong_at_most=WRONG_AT_MOST, false_danger_at_most=FALSE_DANGER_AT_MOST)


def _answered(
    messages: Sequence[Expected], rows: Sequence[int], scores: Array, labels: LabelSet, *, seed: int = 11
) -> list[str | None]:
    """What was answered before each of some messages. What is no follow-up may come after any answer.

    It is mostly about something else, and one time in four about the article that is nearest to it but for the best.
    """
    generator, articles = np.random.default_rng(seed), labels.columns["ask"]
    answered: list[str | None] = []
    for row in rows:
        if messages[row].kind == "follow_up":
            answered.append(f"ask/{messages[row].answered}")
            continue
        nearest = articles[np.argsort(-scores[row, articles])[1]]
        other = generator.choice(articles)
        answered.append(labels.names[nearest if generator.random() < _ABOUT_THE_SAME else other])
    return answered


def _writing(found: Mapping[str, Any]) -> str:
    return f"ary-{found['script']}" if found["language"] == "ary" else str(found["language"])
