"""One linear model over all labels: articles (``ask/<id>``), danger, follow-ups, small talk, out of scope.

It gives scores. What they are worth as probabilities is said by calibration.py, what follows from them by doubt.py.
"""

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from nlu.features import CORES, MessageFeatures
from nlu.terms import Array

_ALL_OTHERS = "~"
#: Rounds over the examples for a label. Further ones take as long again and bring a tenth of a point.
_ROUNDS = 3
#: How much the score of its kind adds to the score of a label. Chosen on the messages for tuning.
_OF_KIND = 0.5
#: Labels of this kind are told from one another only. "How much?" is in many questions of articles, and ought not to speak
#: against the price because of that.
_AMONG_THEMSELVES = "follow_up"
_AMONG_THEMSELVES_REGULARISATION = 0.1


@dataclass
class Ranker:
    """Scores labels for a message. ``fit`` once, then ``scores``."""

    features: MessageFeatures
    regularisation: float = 0.2
    seed: int = 11
    labels: tuple[str, ...] = ()
    _weights: Array = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    _offsets: Array = field(default_factory=lambda: np.zeros(0, dtype=np.float32))

    def fit(self, texts: Sequence[Sequence[str]], labels: Sequence[str]) -> None:
        """Learn from the words of examples (support vector machines): each label, and each kind, against all others.

        Both are linear, so their sum is one model: knowing the kind costs nothing in a turn.
        """
        matrix = self.features.fit_transform(texts).astype(np.float64)
        targets = np.asarray(labels)
        self.labels = tuple(str(label) for label in np.unique(targets))
        own, kinds = self._fit_tasks(matrix, targets)
        self._weights, self._offsets = own.weights, own.offsets
        for at, kind in enumerate(kinds.labels):
            members = [column for column, label in enumerate(self.labels) if _kind(label) == kind]
            self._weights[:, members] += _OF_KIND * kinds.weights[:, [at]]
            self._offsets[members] += _OF_KIND * kinds.offsets[at]

    def _fit_tasks(self, matrix: csr_matrix, targets: Array) -> tuple["_Linear", "_Linear"]:
        """The linear models of the labels, and of the kinds that have several labels, learned side by side."""
        kinds = np.array([_kind(label) for label in targets])
        several = [kind for kind, count in Counter(_kind(label) for label in self.labels).items() if count > 1]
        against_all = [label for label in self.labels if _kind(label) != _AMONG_THEMSELVES]
        chosen = [against_all[first::CORES] for first in range(CORES)]
        tasks = [_Task(matrix, _only(several, kinds), self.regularisation)]
        tasks += [_Task(matrix, _only(group, targets), self.regularisation) for group in chosen if group]
        inner = kinds == _AMONG_THEMSELVES
        if inner.any():
            tasks.append(_Task(matrix[inner], targets[inner], _AMONG_THEMSELVES_REGULARISATION))
        # Processes, not threads: the solver's chance is one for a whole process, so two threads would never train alike.
        of_kinds, *parts = Parallel(n_jobs=CORES)(
            delayed(_fit_task)(task, seed=self.seed, rounds=_ROUNDS) for task in tasks
        )
        return _joined(parts, self.labels), of_kinds

    def __getstate__(self) -> dict[str, Any]:
        """Half precision is enough for weights, and makes the model half as large."""
        return {**self.__dict__, "_weights": self._weights.astype(np.float16)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        # The weights of a feature lie together: a turn needs those of a hundred features, from all over the table.
        self._weights = self._weights.astype(np.float32, order="C")

    def scores(self, text: str) -> Array:
        """The score of each label (labels,) for one text."""
        columns, values = self.features.row(text)
        return np.asarray(values @ self._weights[columns] + self._offsets)

    def scores_of(self, texts: Sequence[str]) -> Array:
        """The scores (texts x labels) of many texts at once."""
        return np.asarray(self.features.transform(texts) @ self._weights + self._offsets)


@dataclass(frozen=True)
class _Task:
    """Something to tell apart: rows of features, and a target for each."""

    matrix: csr_matrix
    targets: Array
    regularisation: float


@dataclass(frozen=True)
class _Linear:
    """A linear model: weights (features x labels) and offsets (labels,)."""

    labels: tuple[str, ...]
    weights: Array
    offsets: Array


def _fit_task(task: _Task, *, seed: int, rounds: int) -> _Linear:
    """One model for each target but "all others", against the rest."""
    if len(distinct := np.unique(task.targets)) == 1:
        known = tuple(str(label) for label in distinct if label != _ALL_OTHERS)
        return _Linear(
            known, np.zeros((task.matrix.shape[1], len(known)), np.float32), np.zeros(len(known), np.float32)
        )
    model = LinearSVC(C=task.regularisation, random_state=seed, max_iter=rounds, tol=0.3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        # A copy: what another process hands over cannot be written to, and scikit-learn sorts in place.
        model.fit(task.matrix.copy(), task.targets)
    weights, offsets = model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)
    if len(model.classes_) == 2:  # noqa: PLR2004 - two classes share one column, that of the second
        weights, offsets = np.hstack([-weights, weights]), np.concatenate([-offsets, offsets])
    kept = [at for at, label in enumerate(model.classes_) if label != _ALL_OTHERS]
    return _Linear(tuple(str(model.classes_[at]) for at in kept), weights[:, kept], offsets[kept])


def _joined(parts: Sequence[_Linear], labels: Sequence[str]) -> _Linear:
    """Several models as one, in the order of ``labels``."""
    at = {label: column for column, label in enumerate(label for part in parts for label in part.labels)}
    order = [at[label] for label in labels]
    weights = np.hstack([part.weights for part in parts])[:, order]
    return _Linear(tuple(labels), weights, np.concatenate([part.offsets for part in parts])[order])


def _only(labels: Sequence[str], targets: Array) -> Array:
    """Targets of which only some labels are told apart."""
    return np.where(np.isin(targets, labels), targets, _ALL_OTHERS)


def _kind(label: str) -> str:
    return label.split("/", 1)[0]
