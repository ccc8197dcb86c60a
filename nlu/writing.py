"""Which language and script a message is written in: ar, fr, en, and Darija in either script."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from sklearn.linear_model import SGDClassifier

from nlu.features import Array, WeightedBlock, character_grams
from nlu.text import normalise, script_of

#: The ways of writing told apart, by script.
WRITINGS_BY_SCRIPT = {"Arab": ("ar", "ary-Arab"), "Latn": ("fr", "en", "ary-Latn")}


@dataclass(frozen=True)
class DetectedWriting:
    """A language (ar, ary, fr, en), its script, and how sure we are (0 to 1)."""

    language: str
    script: str
    confidence: float


@dataclass
class WritingClassifier:
    """Character n-grams and a logistic model; only the ways of writing that the script allows compete."""

    seed: int = 11
    _block: WeightedBlock = field(
        default_factory=lambda: WeightedBlock(partial(character_grams, shortest=1, longest=4), least=2, most=40_000)
    )
    _labels: list[str] = field(default_factory=list)
    _weights: Array = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    _offsets: Array = field(default_factory=lambda: np.zeros(0, dtype=np.float32))

    def fit(self, texts: Sequence[str], writings: Sequence[str]) -> None:
        """Learn from texts and the way each is written (``fr``, ``ary-Latn`` …)."""
        matrix = self._block.fit_transform([normalise(text) for text in texts])
        model = SGDClassifier(
            loss="log_loss",
            alpha=1e-6,
            max_iter=12,
            tol=None,
            average=True,
            class_weight="balanced",
            random_state=self.seed,
        )
        model.fit(matrix, list(writings))
        self._labels = [str(label) for label in model.classes_]
        self._weights = model.coef_.T.astype(np.float32)
        self._offsets = model.intercept_.astype(np.float32)

    def detect(self, text: str) -> DetectedWriting:
        """The way a text is written. A text without letters gets the confidence 0."""
        script = script_of(text)
        normal = normalise(text)
        if not any(character.isalpha() for character in normal):
            return DetectedWriting("en", script, 0.0)
        columns, values = self._block.row(normal)
        scores = values @ self._weights[columns] + self._offsets
        allowed = [index for index, label in enumerate(self._labels) if label in WRITINGS_BY_SCRIPT[script]]
        probabilities = np.exp(scores[allowed] - scores[allowed].max())
        probabilities /= probabilities.sum()
        best = int(probabilities.argmax())
        return DetectedWriting(self._labels[allowed[best]].split("-")[0], script, float(probabilities[best]))
