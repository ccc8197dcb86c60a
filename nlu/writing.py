"""Which language and script a message is written in: ar, fr, en, and Darija in either script."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC

from nlu.features import WeightedBlock, fit_blocks, row_of
from nlu.terms import Array, TermsOfWords, pieces
from nlu.text import normalise, script_of, words

#: The ways of writing told apart, by script.
WRITINGS_BY_SCRIPT = {"Arab": ("ar", "ary-Arab"), "Latn": ("fr", "en", "ary-Latn")}

#: How much (in log-odds) it speaks for a way of writing that the same person wrote so before.
_HABIT = 1.5

#: Rounds over the examples; more take longer and bring nothing.
_ROUNDS = 3
#: How much naive Bayes counts beside the support vector machine.
_OF_TERMS = 0.15
#: What a score is worth in log-odds, so that the confidence is the share that is right. As the two above, chosen on the
#: messages for tuning.
_LOG_ODDS = 1.3
#: What speaks for a way of writing beforehand (in log-odds): who mixes French with Darija reads French, but not everybody who
#: writes French reads Arabic. Chosen on the messages for tuning too.
_RATHER = {"fr": 0.5, "ary-Latn": -0.5}


@dataclass(frozen=True)
class DetectedWriting:
    """A language (ar, ary, fr, en), its script, and how sure we are (0 to 1)."""

    language: str
    script: str
    confidence: float


@dataclass
class WritingClassifier:
    """Pieces of words, words, and two linear models added; only the ways of writing that the script allows compete."""

    seed: int = 11
    _blocks: tuple[WeightedBlock, ...] = field(
        default_factory=lambda: (
            WeightedBlock(TermsOfWords(partial(pieces, shortest=1, longest=4)), least=3),
            WeightedBlock(TermsOfWords(_itself), least=3, weight=0.7),
        )
    )
    _labels: list[str] = field(default_factory=list)
    _weights: Array = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    _offsets: Array = field(default_factory=lambda: np.zeros(0, dtype=np.float32))

    def fit(self, texts: Sequence[Sequence[str]], writings: Sequence[str]) -> None:
        """Learn from the words of texts in normal form and the way each is written (``fr``, ``ary-Latn`` …)."""
        self._blocks, matrix = fit_blocks(self._blocks, texts)
        model = LinearSVC(C=0.6, class_weight="balanced", random_state=self.seed, max_iter=_ROUNDS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(matrix, list(writings))
        # Both are linear, so their sum is one model. The second looks at each term by itself: it errs elsewhere.
        of_terms = ComplementNB(alpha=0.1).fit(matrix, list(writings))
        self._labels = [str(label) for label in model.classes_]
        weights = model.coef_ + _OF_TERMS * of_terms.feature_log_prob_
        self._weights = (_LOG_ODDS * weights.T).astype(np.float32, order="C")
        rather = [_RATHER.get(label, 0.0) for label in self._labels]
        self._offsets = (_LOG_ODDS * model.intercept_ + rather).astype(np.float32)

    def detect(self, text: str, *, previous: str = "") -> DetectedWriting:
        """The way a text is written; ``previous`` is how the same person wrote before, which decides when the text does not.

        A text without letters gets the confidence 0.
        """
        script = script_of(text)
        allowed = WRITINGS_BY_SCRIPT[script]
        normal = normalise(text)
        if not any(character.isalpha() for character in normal):
            return DetectedWriting(_language(previous if previous in allowed else allowed[0]), script, 0.0)
        columns, values = row_of(self._blocks, words(normal))
        scores = values @ self._weights[columns] + self._offsets
        columns_allowed = [self._labels.index(label) for label in allowed if label in self._labels]
        chosen = scores[columns_allowed] + [_HABIT * (self._labels[at] == previous) for at in columns_allowed]
        probabilities = np.exp(chosen - chosen.max())
        probabilities /= probabilities.sum()
        best = int(probabilities.argmax())
        return DetectedWriting(_language(self._labels[columns_allowed[best]]), script, float(probabilities[best]))


def _language(writing: str) -> str:
    return writing.split("-", maxsplit=1)[0]


def _itself(word: str) -> tuple[str, ...]:
    return (word,)
