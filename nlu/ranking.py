"""One linear model over all labels: articles (``ask/<id>``), danger, follow-ups, small talk, out of scope.

It gives scores. What they are worth as probabilities is said by calibration.py, what follows from them by doubt.py.
"""

import tarfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from nlu.features import Array, MessageFeatures

#: The labels are learned in as many groups as this, side by side: one core each.
_GROUPS = 2
_ALL_OTHERS = "~"
#: Rounds over the examples for a label. Further ones take as long again and bring a tenth of a point.
_ROUNDS = 6


@dataclass
class Ranker:
    """Scores labels for a message. ``fit`` once, then ``scores``."""

    features: MessageFeatures
    regularisation: float = 0.5
    seed: int = 11
    labels: tuple[str, ...] = ()
    _weights: Array = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    _offsets: Array = field(default_factory=lambda: np.zeros(0, dtype=np.float32))

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        """Learn from examples: each label against all others (support vector machines)."""
        matrix = self.features.fit_transform(texts).astype(np.float64)
        targets = np.asarray(labels)
        self.labels = tuple(str(label) for label in np.unique(targets))
        groups = [self.labels[first::_GROUPS] for first in range(_GROUPS)]
        # Processes, not threads: the solver's chance is one for a whole process, so two threads would never train alike.
        parts = Parallel(n_jobs=_GROUPS)(
            delayed(_fit_group)(matrix, targets, group, regularisation=self.regularisation, seed=self.seed)
            for group in groups
        )
        self._weights = np.zeros((matrix.shape[1], len(self.labels)), dtype=np.float32)
        self._offsets = np.zeros(len(self.labels), dtype=np.float32)
        for first, (weights, offsets) in enumerate(parts):
            self._weights[:, first::_GROUPS] = weights
            self._offsets[first::_GROUPS] = offsets

    def __getstate__(self) -> dict[str, Any]:
        """Half precision is enough for weights, and makes the model half as large."""
        return {**self.__dict__, "_weights": self._weights.astype(np.float16)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._weights = self._weights.astype(np.float32)

    def scores(self, text: str) -> Array:
        """The score of each label (labels,) for one text."""
        columns, values = self.features.row(text)
        return np.asarray(values @ self._weights[columns] + self._offsets)

    def scores_of(self, texts: Sequence[str]) -> Array:
        """The scores (texts x labels) of many texts at once."""
        return np.asarray(self.features.transform(texts) @ self._weights + self._offsets)


def _fit_group(
    matrix: csr_matrix, targets: Array, group: Sequence[str], *, regularisation: float, seed: int
) -> tuple[Array, Array]:
    """Weights (features x group) and offsets (group,). Labels of the other groups are only ever "all others"."""
    own = np.where(np.isin(targets, group), targets, _ALL_OTHERS)
    model = LinearSVC(C=regularisation, random_state=seed, max_iter=_ROUNDS, tol=0.3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        # A copy: what another process hands over cannot be written to, and scikit-learn sorts in place.
        model.fit(matrix.copy(), own)
    at = {str(label): index for index, label in enumerate(model.classes_)}
    if len(at) == 2:  # noqa: PLR2004 - two classes share one row, that of the second
        sign = np.where([at[label] == 1 for label in group], 1.0, -1.0)
        return model.coef_.T * sign, model.intercept_ * sign
    rows = [at[label] for label in group]
    return model.coef_[rows].T, model.intercept_[rows]


def load_ranker(model: Path) -> Ranker:
    """The ranker inside a trained model file, read without Rasa."""
    with tarfile.open(model) as archive:
        name = next(name for name in archive.getnames() if "IntentRanker" in name and name.endswith(".joblib"))
        file = archive.extractfile(name)
        if file is None:
            raise FileNotFoundError(name)
        ranker: Ranker = joblib.load(BytesIO(file.read()))
    return ranker
