"""Sparse features of a message: characters, words, consonant skeletons, concepts; each block weighted to equal length."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from nlu.concepts import Lexicon, skeletons_in
from nlu.text import normalise, stem_arabic, words

Array = NDArray[Any]


@dataclass(frozen=True)
class FeatureWeights:
    """How much each block counts; 0 leaves it out. Chosen on messages kept aside, see docs/understanding.md."""

    characters: float = 1.3
    words: float = 1.0
    skeletons: float = 1.0
    skeleton_parts: float = 0.7
    concepts: float = 1.0


class WeightedBlock:
    """One kind of feature: terms of a text, weighted by TF-IDF (sublinear, rows of length one) and by ``weight``.

    ``row`` computes for a single text what scikit-learn computes for many, without its checks: a turn has one text.
    """

    def __init__(
        self, analyse: Callable[[str], list[str]], *, least: int, weight: float = 1.0, most: int | None = None
    ) -> None:
        self.analyse = analyse
        self.weight = weight
        self._vectorizer = TfidfVectorizer(
            analyzer=analyse, min_df=least, max_features=most, sublinear_tf=True, dtype=np.float32
        )

    def fit_transform(self, texts: Sequence[str]) -> csr_matrix:
        """Learn the terms of texts in normal form; their features."""
        matrix = self._vectorizer.fit_transform(texts) * self.weight
        self._idf = self._vectorizer.idf_.astype(np.float32)
        return matrix

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """The features of other texts."""
        return self._vectorizer.transform(texts) * self.weight

    def row(self, text: str) -> tuple[Array, Array]:
        """The columns and values of one text."""
        vocabulary = self._vectorizer.vocabulary_
        counts = Counter(self.analyse(text))
        known = [(vocabulary[term], count) for term, count in counts.items() if term in vocabulary]
        if not known:
            return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.float32)
        columns = np.fromiter((column for column, _ in known), dtype=np.intp, count=len(known))
        values = np.fromiter((count for _, count in known), dtype=np.float32, count=len(known))
        values = (1.0 + np.log(values)) * self._idf[columns]
        return columns, values * (self.weight / np.sqrt((values * values).sum()))

    @property
    def size(self) -> int:
        """How many columns the block has."""
        return len(self._vectorizer.vocabulary_)


@dataclass
class MessageFeatures:
    """Turns texts into one sparse matrix (messages x features, float32). Fitted once, on training texts."""

    lexicon: Lexicon
    weights: FeatureWeights = field(default_factory=FeatureWeights)
    _blocks: list[WeightedBlock] = field(default_factory=list)

    def fit_transform(self, texts: Sequence[str]) -> csr_matrix:
        """Learn the vocabulary of ``texts`` and return their features."""
        normal = [normalise(text) for text in texts]
        self._blocks = self._new_blocks()
        return _joined([block.fit_transform(normal) for block in self._blocks])

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """The features of other texts."""
        normal = [normalise(text) for text in texts]
        return _joined([block.transform(normal) for block in self._blocks])

    def row(self, text: str) -> tuple[Array, Array]:
        """The columns and values of one text: the same as its row in ``transform``."""
        normal = normalise(text)
        columns, values, offset = [], [], 0
        for block in self._blocks:
            block_columns, block_values = block.row(normal)
            columns.append(block_columns + offset)
            values.append(block_values)
            offset += block.size
        return np.concatenate(columns), np.concatenate(values)

    def _new_blocks(self) -> list[WeightedBlock]:
        weights = self.weights
        blocks = [
            WeightedBlock(partial(character_grams, shortest=3, longest=4), least=3, weight=weights.characters),
            WeightedBlock(_word_grams, least=2, weight=weights.words),
            WeightedBlock(skeletons_in, least=2, weight=weights.skeletons),
            WeightedBlock(_skeleton_parts, least=3, weight=weights.skeleton_parts),
            WeightedBlock(self._concept_grams, least=2, weight=weights.concepts),
        ]
        return [block for block in blocks if block.weight > 0]

    def _concept_grams(self, normalised: str) -> list[str]:
        """Concepts, and unordered pairs of neighbours: "renew + residence-card" says more than either."""
        distinct = list(dict.fromkeys(self.lexicon.concepts_in(normalised)))
        pairs = [
            "+".join(sorted(pair)) for distance in (1, 2) for pair in zip(distinct, distinct[distance:], strict=False)
        ]
        return distinct + pairs


def character_grams(normalised: str, *, shortest: int, longest: int) -> list[str]:
    """The character n-grams inside words, each word with a space before and after it."""
    grams: list[str] = []
    for word in words(normalised):
        grams += _pieces(word, shortest, longest)
    return grams


@lru_cache(maxsize=100_000)
def _pieces(word: str, shortest: int, longest: int) -> tuple[str, ...]:
    """The n-grams of one word; most words of a training come again and again."""
    padded = f" {word} "
    return tuple(
        padded[at : at + length]
        for length in range(shortest, min(longest, len(padded)) + 1)
        for at in range(len(padded) - length + 1)
    )


def _skeleton_parts(normalised: str) -> list[str]:
    """Pieces of consonant skeletons: they bear errors, and cross the two scripts of Darija."""
    return character_grams(" ".join(skeletons_in(normalised)), shortest=3, longest=4)


def _word_grams(normalised: str) -> list[str]:
    tokens = [stem_arabic(word) for word in words(normalised)]
    return tokens + [f"{first} {second}" for first, second in pairwise(tokens)]


def _joined(matrices: list[csr_matrix]) -> csr_matrix:
    return hstack(matrices, format="csr", dtype=np.float32)
