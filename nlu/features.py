"""Sparse features of a message: characters, words, consonant skeletons, concepts; each block weighted to equal length."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from nlu.concepts import Lexicon, skeletons_in
from nlu.text import normalise, stem_arabic, words


@dataclass(frozen=True)
class FeatureWeights:
    """How much each block counts; 0 leaves it out. Chosen on held-out messages, see docs/understanding.md."""

    characters: float = 1.0
    words: float = 1.0
    skeletons: float = 0.7
    concepts: float = 1.2


@dataclass
class MessageFeatures:
    """Turns texts into one sparse matrix (messages x features, float32). Fitted once, on training texts."""

    lexicon: Lexicon
    weights: FeatureWeights = field(default_factory=FeatureWeights)
    _blocks: list[tuple[float, str, TfidfVectorizer]] = field(default_factory=list)

    def fit_transform(self, texts: Sequence[str]) -> csr_matrix:
        """Learn the vocabulary of ``texts`` and return their features."""
        views = self._views(texts)
        self._blocks = []
        matrices = []
        for name, weight, vectorizer in _new_blocks(self.weights):
            matrices.append(vectorizer.fit_transform(views[name]) * weight)
            self._blocks.append((weight, name, vectorizer))
        return _joined(matrices)

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """The features of other texts."""
        views = self._views(texts)
        return _joined([vectorizer.transform(views[name]) * weight for weight, name, vectorizer in self._blocks])

    def knows_word(self, word: str) -> bool:
        """Whether a word in normal form was seen in training."""
        return any(name == "words" and word in vectorizer.vocabulary_ for _, name, vectorizer in self._blocks)

    def _views(self, texts: Sequence[str]) -> dict[str, list[str] | list[list[str]]]:
        normal = [normalise(text) for text in texts]
        return {
            "characters": normal,
            "words": [_word_grams(text) for text in normal],
            "skeletons": [skeletons_in(text) for text in normal],
            "concepts": [_concept_grams(self.lexicon.concepts_in(text)) for text in normal],
        }


def _new_blocks(weights: FeatureWeights) -> list[tuple[str, float, TfidfVectorizer]]:
    listed = {"analyzer": _as_is, "dtype": np.float32, "sublinear_tf": True}
    blocks = [
        (
            "characters",
            weights.characters,
            TfidfVectorizer(
                analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True, dtype=np.float32, lowercase=False
            ),
        ),
        ("words", weights.words, TfidfVectorizer(min_df=1, **listed)),
        ("skeletons", weights.skeletons, TfidfVectorizer(min_df=2, **listed)),
        ("concepts", weights.concepts, TfidfVectorizer(min_df=1, **listed)),
    ]
    return [block for block in blocks if block[1] > 0]


def _as_is(tokens: list[str]) -> list[str]:
    return tokens


def _word_grams(normalised: str) -> list[str]:
    tokens = [stem_arabic(word) for word in words(normalised)]
    return tokens + [f"{first} {second}" for first, second in zip(tokens, tokens[1:], strict=False)]


def _concept_grams(concepts: list[str]) -> list[str]:
    """Concepts, and unordered pairs of neighbours: "renew + residence-card" says more than either."""
    distinct = list(dict.fromkeys(concepts))
    pairs = [
        "+".join(sorted(pair))
        for distance in (1, 2)
        for pair in zip(distinct, distinct[distance:], strict=False)
    ]
    return distinct + pairs


def _joined(matrices: list[csr_matrix]) -> csr_matrix:
    return hstack(matrices, format="csr", dtype=np.float32)
