"""From a ranking to a decision: answer, offer choices, or say that it is unclear. Danger goes before everything.

A wrong legal answer is worse than a question back, so an article is given as *the* answer only above a threshold that
was set on messages nobody had trained on (calibration.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from nlu.calibration import Calibration
from nlu.labels import LabelSet
from nlu.terms import Array

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

_ARTICLES = 5
_SOME, _EVEN, _SURE = 0.25, 0.5, 0.9
#: How much danger is enough where somebody says goodbye: some say it for ever.
_FAREWELL = 0.12
#: What it is worth to be right about it, against anything but a question. A greeting or thanks too many harms nobody; to call
#: for a human and be told that it is out of scope does. Chosen on the messages for tuning.
_WORTH: Mapping[str, float] = dict.fromkeys(("ask_person", "greet", "thank", "goodbye", "change_language"), 5.0)
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
class Understanding:
    """What a message was understood to be. ``articles`` are ids with probabilities, best first.

    ``also`` are articles that a second question of the same message asks for, ``also_facet`` a facet it asks for.
    """

    kind: Kind
    decision: Decision
    intent: str
    articles: tuple[tuple[str, float], ...] = ()
    confidence: float = 0.0
    facet: str | None = None
    facet_confidence: float = 0.0
    urgent_type: str | None = None
    also: tuple[str, ...] = ()
    also_facet: str | None = None
    writing: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As it is passed to actions and kept in the tracker."""
        return {**asdict(self), "articles": [list(article) for article in self.articles], "also": list(self.also)}


def judge(
    probabilities: Array,
    labels: LabelSet,
    calibration: Calibration,
    *,
    writing: str,
    gives_place: bool = False,
    gives_self: bool = False,
    follows: float | None = None,
) -> Understanding:
    """What to make of the probabilities of all labels (``ask/<article>``, ``urgent/<type>``, ``greet`` …).

    ``gives_place``: nothing but a place was found, which may still be an error; ``gives_self``: place and person fill the
    whole message, so that nothing is left that could be a question; ``follows``: how probably it goes on about what was
    answered before, None if nothing was.
    """
    urgent = float(probabilities[labels.columns.get("urgent", [])].sum())
    goes_on = follows is not None and follows >= _EVEN
    if follows is not None and not goes_on:
        probabilities = _without(probabilities, labels, "follow_up")
    masses = {kind: float(probabilities[columns].sum()) for kind, columns in labels.columns.items()}
    articles = _best(probabilities, labels, "ask", limit=_ARTICLES)
    facets = _best(probabilities, labels, "follow_up", limit=1)
    common: dict[str, Any] = {
        "articles": articles,
        "facet": facets[0][0] if facets else None,
        "facet_confidence": follows if follows is not None else masses.get("follow_up", 0.0),
    }
    threshold = calibration.answer[writing]
    base = "follow_up" if goes_on else _likely(masses, calibration)
    if urgent >= _danger_threshold(calibration, base, gives_place=gives_place and not gives_self):
        danger = _best(probabilities, labels, "urgent", limit=1)[0][0]
        return Understanding("urgent", "other", "urgent", confidence=urgent, urgent_type=danger, **common)
    if gives_self or (gives_place and masses.get("ask", 0.0) < threshold):
        return Understanding("place", "other", "give_place", confidence=1.0, **common)
    if base == "ask":
        return _judge_article(articles, masses["ask"], threshold, calibration.choices, common)
    confidence = common["facet_confidence"] if goes_on else masses[base]
    if confidence < calibration.other:
        return Understanding("unclear", "fallback", "nlu_fallback", confidence=confidence, **common)
    return Understanding(KIND_OF_INTENT.get(base, "unclear"), "other", base, confidence=confidence, **common)


def _likely(masses: Mapping[str, float], calibration: Calibration) -> str:
    """The kind that a message is taken for.

    Where nothing was answered before, it goes on about something only if that is plain, or if it is nothing else.
    """
    other = _weightiest({kind: mass for kind, mass in masses.items() if kind != "follow_up"})
    is_enough = masses[other] >= (calibration.choices if other == "ask" else calibration.other)
    return other if is_enough and masses.get("follow_up", 0.0) < _SURE else _weightiest(masses)


def _weightiest(masses: Mapping[str, float]) -> str:
    best = max(masses, key=lambda kind: masses[kind] * _WORTH.get(kind, 1.0))
    # What is rather a question is not answered with a greeting.
    return "ask" if masses.get("ask", 0.0) > masses[best] else best


def _danger_threshold(calibration: Calibration, base: str, *, gives_place: bool) -> float:
    """Danger hides among questions. Where a message is plainly something else, or only a place, it must show more."""
    if gives_place:
        return max(calibration.urgent, _EVEN)
    if base in ("ask", "urgent"):
        return calibration.urgent
    return max(calibration.urgent, _FAREWELL if base == "goodbye" else _SOME)


def _judge_article(
    articles: Sequence[tuple[str, float]], mass: float, threshold: float, choices: float, common: dict[str, Any]
) -> Understanding:
    best = articles[0][1]
    if best >= threshold:
        return Understanding("article", "answer", "ask", confidence=best, **common)
    if mass >= choices:
        return Understanding("article", "choices", "ask", confidence=best, **common)
    return Understanding("unclear", "fallback", "nlu_fallback", confidence=best, **common)


def _without(probabilities: Array, labels: LabelSet, kind: str) -> Array:
    """The probabilities of all labels if it is none of a kind."""
    rest = probabilities.copy()
    rest[labels.columns.get(kind, [])] = 0.0
    return np.asarray(rest / max(float(rest.sum()), 1e-9))


def _best(probabilities: Array, labels: LabelSet, kind: str, *, limit: int) -> tuple[tuple[str, float], ...]:
    """The most probable names of a kind (the part after "/"), best first."""
    columns = labels.columns.get(kind)
    if columns is None:
        return ()
    order = columns[np.argsort(-probabilities[columns])[:limit]]
    return tuple((labels.names[at].split("/", 1)[-1], float(probabilities[at])) for at in order)
