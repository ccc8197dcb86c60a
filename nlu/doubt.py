"""From a ranking to a decision: answer, offer choices, or say that it is unclear. Danger goes before everything.

A wrong legal answer is worse than a question back, so an article is given as *the* answer only above a threshold that
was set on messages kept aside while training.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from nlu.features import Array
from nlu.ranking import Ranked

Kind = Literal[
    "article",
    "urgent",
    "human",
    "out_of_scope",
    "greeting",
    "thanks_bye",
    "language",
    "follow_up",
    "place",
    "unclear",
]
Decision = Literal["answer", "choices", "fallback", "other"]

#: Plain intents by the kind of message they are; the rest keep their own name and count as "unclear".
KIND_OF_INTENT: Mapping[str, Kind] = {
    "ask": "article",
    "urgent": "urgent",
    "follow_up": "follow_up",
    "ask_person": "human",
    "out_of_scope": "out_of_scope",
    "greet": "greeting",
    "goodbye": "thanks_bye",
    "thank": "thanks_bye",
    "change_language": "language",
    "give_place": "place",
}


@dataclass(frozen=True)
class Thresholds:
    """Probabilities above which we act. Written by training (``thresholds_for``), not by hand."""

    answer: float = 0.55
    choices: float = 0.25
    urgent: float = 0.35
    other: float = 0.35


@dataclass(frozen=True)
class Understanding:
    """What a message was understood to be. ``articles`` are ids with probabilities, best first."""

    kind: Kind
    decision: Decision
    intent: str
    articles: tuple[tuple[str, float], ...] = ()
    confidence: float = 0.0
    facet: str | None = None
    facet_confidence: float = 0.0
    urgent_type: str | None = None
    writing: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As it is passed to actions and kept in the tracker."""
        return {**asdict(self), "articles": [list(article) for article in self.articles]}


def judge(ranking: Sequence[Ranked], thresholds: Thresholds, *, gives_place: bool = False) -> Understanding:
    """What to make of a ranking over all labels (``ask/<article>``, ``urgent/<type>``, ``greet`` …)."""
    masses: dict[str, float] = {}
    for ranked in ranking:
        base = ranked.label.split("/")[0]
        masses[base] = masses.get(base, 0.0) + ranked.confidence
    articles = tuple((name, p) for name, p in _of(ranking, "ask"))[:5]
    facets = _of(ranking, "follow_up")
    common: dict[str, Any] = {
        "articles": articles,
        "facet": facets[0][0] if facets else None,
        "facet_confidence": masses.get("follow_up", 0.0),
    }
    dangers = _of(ranking, "urgent")
    if dangers and masses["urgent"] >= thresholds.urgent:
        return Understanding(
            "urgent", "other", "urgent", confidence=masses["urgent"], urgent_type=dangers[0][0], **common
        )
    if gives_place and masses.get("ask", 0.0) < thresholds.answer:
        return Understanding("place", "other", "give_place", confidence=1.0, **common)
    base = max(masses, key=lambda name: masses[name])
    if base == "ask":
        return _judge_article(articles, masses["ask"], thresholds, common)
    if masses[base] < thresholds.other:
        return Understanding("unclear", "fallback", "nlu_fallback", confidence=masses[base], **common)
    return Understanding(KIND_OF_INTENT.get(base, "unclear"), "other", base, confidence=masses[base], **common)


def _judge_article(
    articles: Sequence[tuple[str, float]], mass: float, thresholds: Thresholds, common: dict[str, Any]
) -> Understanding:
    best = articles[0][1]
    if best >= thresholds.answer:
        return Understanding("article", "answer", "ask", confidence=best, **common)
    if mass >= thresholds.choices:
        return Understanding("article", "choices", "ask", confidence=best, **common)
    return Understanding("unclear", "fallback", "nlu_fallback", confidence=best, **common)


def _of(ranking: Sequence[Ranked], base: str) -> list[tuple[str, float]]:
    prefix = f"{base}/"
    return [(item.label[len(prefix) :], item.confidence) for item in ranking if item.label.startswith(prefix)]


def thresholds_for(
    probabilities: Array, targets: Sequence[str], labels: Sequence[str], *, wrong_at_most: float
) -> Thresholds:
    """Thresholds under which at most ``wrong_at_most`` of article questions get a wrong article as the answer.

    ``probabilities`` (messages x labels) must come from messages that the model was not fitted on.
    """
    is_article = np.array([label.startswith("ask/") for label in labels])
    asked = np.array([target.startswith("ask/") for target in targets])
    shown = probabilities[:, is_article]
    best = shown.max(axis=1)
    names = np.asarray(labels)[is_article][shown.argmax(axis=1)]
    wrong = names != np.asarray(targets)
    for threshold in np.arange(0.2, 0.99, 0.01):
        given = asked & (best >= threshold)
        if (given & wrong).sum() <= wrong_at_most * max(asked.sum(), 1):
            return Thresholds(answer=float(round(threshold, 2)), choices=min(0.25, float(threshold)))
    return Thresholds(answer=0.99)
