"""Sparse features of a message: pieces of words, words, pieces of skeletons, concepts; each block of its own weight."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from nlu.concepts import Lexicon
from nlu.text import normalise, skeleton, stem_arabic, words

Array = NDArray[Any]

#: How many things are learned side by side.
CORES = 2


@dataclass(frozen=True)
class FeatureWeights:
    """How much each block counts; 0 leaves it out. Chosen on messages kept aside, see docs/understanding.md."""

    pieces: float = 1.3
    words: float = 1.0
    skeletons: float = 1.0
    concepts: float = 1.0


class WeightedBlock:
    """One kind of feature: terms of a text, weighted by TF-IDF (sublinear, rows of length one) and by ``weight``.

    ``of_word`` says which terms a word has, ``of_text`` which a whole text has; one of the two is given. ``row`` computes
    for a single text what the matrix computes for many, without its checks: a turn has one text.
    """

    def __init__(
        self,
        *,
        of_word: Callable[[str], Sequence[str]] | None = None,
        of_text: Callable[[str], Sequence[str]] | None = None,
        least: int,
        weight: float = 1.0,
    ) -> None:
        self._of_word, self._of_text = of_word, of_text
        self._least = least
        self.weight = weight
        self._columns: dict[str, int] = {}
        self._tfidf = TfidfTransformer(sublinear_tf=True)

    def fit_transform(self, texts: Sequence[str]) -> csr_matrix:
        """Learn the terms of texts in normal form; their features."""
        counter, counts = self._count(texts)
        in_texts = np.bincount(counts.indices, minlength=counts.shape[1])
        kept = np.flatnonzero(in_texts >= self._least)
        # The most frequent first: what is used most lies together, which makes learning a tenth faster.
        kept = kept[np.argsort(-in_texts[kept], kind="stable")]
        terms = counter.get_feature_names_out()
        self._columns = {str(terms[column]): at for at, column in enumerate(kept)}
        weighted = self._tfidf.fit_transform(counts[:, kept])
        self._idf = self._tfidf.idf_.astype(np.float32)
        return weighted.astype(np.float32) * np.float32(self.weight)

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """The features of other texts."""
        _, counts = self._count(texts, known=self._columns)
        return self._tfidf.transform(counts).astype(np.float32) * np.float32(self.weight)

    def row(self, text: str) -> tuple[Array, Array]:
        """The columns and values of one text."""
        counts = Counter(self._terms(text))
        known = [(column, count) for term, count in counts.items() if (column := self._columns.get(term)) is not None]
        if not known:
            return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.float32)
        columns = np.fromiter((column for column, _ in known), dtype=np.intp, count=len(known))
        values = np.fromiter((count for _, count in known), dtype=np.float32, count=len(known))
        values = (1.0 + np.log(values)) * self._idf[columns]
        return columns, values * (self.weight / np.sqrt((values * values).sum()))

    @property
    def size(self) -> int:
        """How many columns the block has."""
        return len(self._columns)

    def _terms(self, text: str) -> Sequence[str]:
        if self._of_text is not None:
            return self._of_text(text)
        return [term for word in words(text) for term in self._of_word(word)] if self._of_word else ()

    def _count(
        self, texts: Sequence[str], *, known: Mapping[str, int] | None = None
    ) -> tuple[CountVectorizer, csr_matrix]:
        """How often each term stands in each text (texts x terms), and what knows the terms' names.

        Words come again and again: what a word has is counted once, and the words of all texts times the terms of all words
        is one product of sparse matrices.
        """
        counter = CountVectorizer(analyzer=self._of_word or self._of_text, vocabulary=known, dtype=np.float64)
        count = counter.transform if known is not None else counter.fit_transform
        if self._of_word is None:
            return counter, count(texts)
        in_texts = CountVectorizer(analyzer=words, dtype=np.float64)
        words_of_texts = in_texts.fit_transform(texts)
        return counter, words_of_texts @ count(in_texts.get_feature_names_out())


@dataclass
class MessageFeatures:
    """Turns texts into one sparse matrix (messages x features, float32). Fitted once, on training texts."""

    lexicon: Lexicon
    weights: FeatureWeights = field(default_factory=FeatureWeights)
    _blocks: Sequence[WeightedBlock] = ()

    def fit_transform(self, texts: Sequence[str]) -> csr_matrix:
        """Learn the vocabulary of ``texts`` and return their features."""
        normal = [normalise(text) for text in texts]
        self._blocks, matrix = fit_blocks(self._new_blocks(), normal)
        return matrix

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
        # Those that take longest to learn come first.
        blocks = [
            WeightedBlock(of_text=self._concept_grams, least=2, weight=weights.concepts),
            WeightedBlock(of_text=_word_grams, least=3, weight=weights.words),
            WeightedBlock(of_word=partial(pieces, shortest=4, longest=4), least=3, weight=weights.pieces),
            WeightedBlock(of_word=_skeleton_pieces, least=3, weight=weights.skeletons),
        ]
        return [block for block in blocks if block.weight > 0]

    def _concept_grams(self, normalised: str) -> list[str]:
        """Concepts, and unordered pairs of neighbours: "renew + residence-card" says more than either."""
        distinct = list(dict.fromkeys(self.lexicon.concepts_in(normalised)))
        pairs = [
            "+".join(sorted(pair)) for distance in (1, 2) for pair in zip(distinct, distinct[distance:], strict=False)
        ]
        return distinct + pairs


@lru_cache(maxsize=100_000)
def pieces(word: str, *, shortest: int, longest: int) -> tuple[str, ...]:
    """The character n-grams of one word with a space before and after it; most words come again and again."""
    padded = f" {word} "
    return tuple(
        padded[at : at + length]
        for length in range(shortest, min(longest, len(padded)) + 1)
        for at in range(len(padded) - length + 1)
    )


def _skeleton_pieces(word: str) -> tuple[str, ...]:
    """Pieces of consonant skeletons: they bear errors, and cross the two scripts of Darija."""
    bones = skeleton(word)
    return pieces(bones, shortest=3, longest=4) if bones else ()


def _word_grams(normalised: str) -> list[str]:
    tokens = [stem_arabic(word) for word in words(normalised)]
    return tokens + [f"{first} {second}" for first, second in pairwise(tokens)]


def fit_blocks(blocks: Sequence[WeightedBlock], texts: Sequence[str]) -> tuple[tuple[WeightedBlock, ...], csr_matrix]:
    """Blocks that have learned the terms of texts in normal form, and the features of the texts: side by side."""
    fitted = Parallel(n_jobs=CORES)(delayed(_fit_block)(block, texts) for block in blocks)
    return tuple(block for block, _ in fitted), _joined([matrix for _, matrix in fitted])


def _fit_block(block: WeightedBlock, texts: Sequence[str]) -> tuple[WeightedBlock, csr_matrix]:
    return block, block.fit_transform(texts)


def _joined(matrices: list[csr_matrix]) -> csr_matrix:
    return hstack(matrices, format="csr", dtype=np.float32)
