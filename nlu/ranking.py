"""One linear model over all labels: articles (``ask/<id>``), danger, follow-ups, small talk, out of scope.

Scores become calibrated probabilities by a temperature learned on messages kept aside while training.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from nlu.features import Array, MessageFeatures


@dataclass(frozen=True)
class Ranked:
    """A label with its calibrated probability."""

    label: str
    confidence: float


@dataclass
class Ranker:
    """Ranks labels for a message. ``fit`` once, then ``rank``."""

    features: MessageFeatures
    regularisation: float = 0.5
    seed: int = 11
    labels: Array = field(default_factory=lambda: np.array([]))
    temperature: float = 1.0
    _weights: Array = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    _offsets: Array = field(default_factory=lambda: np.zeros(0, dtype=np.float32))

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> "tuple[Array, Array]":
        """Learn from examples. Returns out-of-fold probabilities and their order, for the doubt thresholds."""
        matrix = self.features.fit_transform(texts)
        self.labels, targets = np.unique(np.asarray(labels), return_inverse=True)
        # The model that measures and the model that is kept do not depend on one another: one core each.
        with ThreadPoolExecutor(max_workers=2) as pool:
            measured = pool.submit(self._held_out_scores, matrix, targets)
            kept = pool.submit(self._fit_linear, matrix, targets)
        held_out, scores = measured.result()
        self._weights, self._offsets = kept.result()
        self.temperature = _best_temperature(scores, targets[held_out])
        return held_out, softmax(scores * self.temperature)

    def __getstate__(self) -> dict[str, Any]:
        """Half precision is enough for weights, and makes the model half as large."""
        return {**self.__dict__, "_weights": self._weights.astype(np.float16)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._weights = self._weights.astype(np.float32)

    def rank(self, text: str, *, limit: int = 10) -> list[Ranked]:
        """The most probable labels, best first."""
        columns, values = self.features.row(text)
        scores = values @ self._weights[columns] + self._offsets
        probabilities = softmax(scores[np.newaxis, :] * self.temperature)[0]
        best = np.argsort(-probabilities)[:limit]
        return [Ranked(str(self.labels[index]), float(probabilities[index])) for index in best]

    def probabilities(self, texts: Sequence[str]) -> Array:
        """Probabilities (texts x labels) that add up to one in each row."""
        return softmax(self._scores(self.features.transform(texts)) * self.temperature)

    def _scores(self, matrix: csr_matrix) -> Array:
        return np.asarray(matrix @ self._weights + self._offsets)

    def _held_out_scores(self, matrix: csr_matrix, targets: Array) -> tuple[Array, Array]:
        rows = np.flatnonzero(np.bincount(targets)[targets] >= 3)  # noqa: PLR2004 - a fold needs one of each kind
        folds = StratifiedKFold(n_splits=3, shuffle=True, random_state=self.seed)
        kept, aside = next(folds.split(rows, targets[rows]))
        rest = np.setdiff1d(np.arange(len(targets)), rows)
        training = np.concatenate([rows[kept], rest])
        weights, offsets = self._fit_linear(matrix[training], targets[training])
        return rows[aside], np.asarray(matrix[rows[aside]] @ weights) + offsets

    def _fit_linear(self, matrix: csr_matrix, targets: Array) -> tuple[Array, Array]:
        model = LinearSVC(C=self.regularisation, random_state=self.seed, max_iter=300, tol=1e-2)
        model.fit(matrix, targets)
        weights = np.zeros((matrix.shape[1], len(self.labels)), dtype=np.float32)
        weights[:, model.classes_] = model.coef_.T
        offsets = np.full(len(self.labels), -3.0, dtype=np.float32)
        offsets[model.classes_] = model.intercept_
        return weights, offsets


def softmax(scores: Array) -> Array:
    """Row-wise softmax."""
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    total: Array = shifted.sum(axis=1, keepdims=True)
    return np.asarray(shifted / total)


def _best_temperature(scores: Array, targets: Array) -> float:
    rows = np.arange(len(targets))

    def loss(logarithm: float) -> float:
        probabilities = softmax(scores * np.exp(logarithm))
        return float(-np.log(probabilities[rows, targets] + 1e-9).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-1.0, 4.0), method="bounded").x))
