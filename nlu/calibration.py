"""From scores to probabilities that mean what they say, and the thresholds above which we act.

Learned from messages that no trainer has seen (``dalil evaluate --calibrate``), never from the training examples: on those
the model is surer than it ought to be. Written to calibration.yml, read when a model is loaded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.optimize import minimize

from bot.data_files import read_yaml
from bot.languages import WRITINGS
from nlu.follow_up import DEFAULT_WEIGHTS, chance_of, fit_weights, signs_of
from nlu.labels import LabelSet
from nlu.terms import Array

CALIBRATION_FILE = Path(__file__).resolve().parent / "calibration.yml"

#: Groups of labels whose scores are shifted together. A follow-up needs something to follow.
SHIFTED = ("urgent", "out_of_scope", "talk", "follow_up_in_context", "follow_up_alone")


@dataclass(frozen=True)
class Calibration:
    """``temperature`` and ``answer`` (a threshold) by way of writing, ``shift`` by group, and the other thresholds.

    ``follow_up`` holds the weights that tell a follow-up from a new question (follow_up.py).
    """

    temperature: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(WRITINGS, 8.0))
    shift: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(SHIFTED, 0.0))
    answer: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(WRITINGS, 0.6))
    choices: float = 0.25
    urgent: float = 0.35
    other: float = 0.1
    follow_up: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))

    def probabilities(self, scores: Array, labels: LabelSet, *, writing: str, in_context: bool) -> Array:
        """Probabilities (labels,) for the scores (labels,) of a message written so, with or without something before."""
        return _softmax(scores * self.temperature[writing] + self.shifts(labels, in_context=in_context))

    def follows(
        self, scores: Array, labels: LabelSet, *, writing: str, length: int, answered: str | None = None
    ) -> float:
        """How probably a message of so many words, with these scores (labels,), goes on about what was answered."""
        logits = scores[np.newaxis] * self.temperature[writing]
        return float(chance_of(self.follow_up, signs_of(logits, labels, [length], [answered]))[0])

    def shifts(self, labels: LabelSet, *, in_context: bool) -> Array:
        """What is added to the score of each label (labels,)."""
        added = np.zeros(len(labels.names), dtype=np.float32)
        for kind in ("urgent", "out_of_scope"):
            added[labels.columns.get(kind, [])] = self.shift[kind]
        added[labels.talk] = self.shift["talk"]
        added[labels.columns.get("follow_up", [])] = self.shift[
            "follow_up_in_context" if in_context else "follow_up_alone"
        ]
        return added


@dataclass(frozen=True)
class Seen:
    """Messages to calibrate on: scores (messages x labels), and for each which columns are right, writing, context.

    ``lengths`` are numbers of words; ``answered`` the article that was answered before (``ask/<article>``), if it is known.
    """

    scores: Array
    right: Array
    writings: Sequence[str]
    in_context: Sequence[bool]
    weights: Array
    lengths: Sequence[int]
    answered: Sequence[str | None]


def read_calibration(path: Path = CALIBRATION_FILE) -> Calibration:
    """The calibration that was written last, or cautious defaults."""
    return Calibration(**read_yaml(path)) if path.exists() else Calibration()


def write_calibration(calibration: Calibration, path: Path = CALIBRATION_FILE) -> None:
    """Write the file that models are loaded with."""
    heading = "# Written by `dalil evaluate --calibrate`, from the messages for tuning. Not by hand.\n"
    path.write_text(heading + yaml.safe_dump(_rounded(asdict(calibration)), sort_keys=False), encoding="utf-8")


def fit_calibration(seen: Seen, labels: LabelSet, *, wrong_at_most: float, false_danger_at_most: float) -> Calibration:
    """Temperatures and shifts of least log loss; then the lowest thresholds that keep within the two shares."""
    start = np.concatenate([np.full(len(WRITINGS), np.log(8.0)), np.zeros(len(SHIFTED))])
    fitted = _calibration(minimize(_Loss(seen, labels), start, jac=True, method="L-BFGS-B").x)
    chances = _all_probabilities(fitted, seen, labels)
    return Calibration(
        fitted.temperature,
        fitted.shift,
        answer=_answer_thresholds(chances, seen, labels, wrong_at_most),
        urgent=_urgent_threshold(chances, seen, labels, false_danger_at_most),
        follow_up=_follow_up_weights(fitted, seen, labels),
    )


class _Loss:
    """The weighted mean log loss of messages, and its slope, at values (log temperatures, then shifts)."""

    #: A little pull to zero: some groups have few messages.
    _PULL = 1e-3

    def __init__(self, seen: Seen, labels: LabelSet) -> None:
        self._seen, self._labels = seen, labels
        self._weights = seen.weights / seen.weights.sum()
        self._written = np.array([[writing == own for own in WRITINGS] for writing in seen.writings], dtype=float)
        each = np.eye(len(SHIFTED))
        of_shift = [Calibration(shift=dict(zip(SHIFTED, row, strict=True))) for row in each]
        #: Which labels (shifts x labels) each shift adds to, with something before and without.
        self._added = {
            context: np.stack([one.shifts(labels, in_context=context) for one in of_shift]) for context in (True, False)
        }

    def __call__(self, values: Array) -> tuple[float, Array]:
        seen, shifts = self._seen, values[len(WRITINGS) :]
        chances = _all_probabilities(_calibration(values), seen, self._labels)
        right = chances * seen.right
        likelihood = right.sum(axis=1) + 1e-9
        loss = -self._weights @ np.log(likelihood) + self._PULL * (shifts**2).sum()
        by_logit = (chances - right / likelihood[:, np.newaxis]) * self._weights[:, np.newaxis]
        by_temperature = (by_logit * seen.scores).sum(axis=1) @ self._written * np.exp(values[: len(WRITINGS)])
        in_context = np.asarray(seen.in_context)
        by_shift = self._added[True] @ by_logit[in_context].sum(axis=0)
        by_shift += self._added[False] @ by_logit[~in_context].sum(axis=0)
        return float(loss), np.concatenate([by_temperature, by_shift + 2 * self._PULL * shifts])


def _follow_up_weights(calibration: Calibration, seen: Seen, labels: LabelSet) -> dict[str, float]:
    """Whatever is no follow-up may come after an answer; a question is among the messages twice, and counts once."""
    follows = seen.right[:, labels.columns["follow_up"]].any(axis=1)
    once = follows | ~np.asarray(seen.in_context)
    temperatures = np.array([calibration.temperature[writing] for writing in seen.writings])
    signs = signs_of(seen.scores * temperatures[:, np.newaxis], labels, seen.lengths, seen.answered)
    return fit_weights(signs[once], follows[once])


def _answer_thresholds(chances: Array, seen: Seen, labels: LabelSet, wrong_at_most: float) -> dict[str, float]:
    articles = labels.columns["ask"]
    best = articles[chances[:, articles].argmax(axis=1)]
    rows = np.arange(len(best))
    sure, right = chances[rows, best], seen.right[rows, best].astype(bool)
    asked = seen.right[:, articles].any(axis=1)

    def lowest(own: Array) -> float:
        wrong_above = [float((sure[own] >= at)[~right[own]].sum() / max(own.sum(), 1)) for at in _STEPS]
        return next((at for at, wrong in zip(_STEPS, wrong_above, strict=True) if wrong <= wrong_at_most), 0.95)

    # A few hundred messages of one way of writing may be lucky: never below what holds for all of them.
    for_all = lowest(asked)
    return {writing: max(lowest(asked & (np.asarray(seen.writings) == writing)), for_all) for writing in WRITINGS}


def _urgent_threshold(chances: Array, seen: Seen, labels: LabelSet, false_at_most: float) -> float:
    danger = chances[:, labels.columns["urgent"]].sum(axis=1)
    harmless = ~seen.right[:, labels.columns["urgent"]].any(axis=1)
    return next(at for at in _STEPS if (danger[harmless] >= at).mean() <= false_at_most or at == _STEPS[-1])


_STEPS = [round(float(at), 2) for at in np.arange(0.05, 0.96, 0.01)]


def _all_probabilities(calibration: Calibration, seen: Seen, labels: LabelSet) -> Array:
    temperatures = np.array([calibration.temperature[writing] for writing in seen.writings])
    added = np.where(
        np.asarray(seen.in_context)[:, np.newaxis],
        calibration.shifts(labels, in_context=True),
        calibration.shifts(labels, in_context=False),
    )
    return _softmax(seen.scores * temperatures[:, np.newaxis] + added)


def _softmax(logits: Array) -> Array:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def _calibration(values: Array) -> Calibration:
    temperatures = np.exp(values[: len(WRITINGS)])
    return Calibration(
        dict(zip(WRITINGS, (float(value) for value in temperatures), strict=True)),
        dict(zip(SHIFTED, (float(value) for value in values[len(WRITINGS) :]), strict=True)),
    )


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return round(value, 3)
