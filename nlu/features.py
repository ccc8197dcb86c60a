"""Sparse features of a message: pieces of words, words, pieces of skeletons, concepts; each block of its own weight."""

import math
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from joblib import Parallel, delayed
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfTransformer

from nlu.concepts import Lexicon
from nlu.terms import (
    Array,
    Corpus,
    Terms,
    TermsAndPairs,
    TermsOfWords,
    pieces,
    read_corpus,
    skeleton_pieces,
    stems,
)
from nlu.text import normalise, words

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

    ``row`` computes for a single text what the matrix computes for many, without its checks: a turn has one text.
    """

    def __init__(self, terms: Terms, *, least: int, weight: float = 1.0) -> None:
        self._terms = terms
        self._least = least
        self.weight = weight
        self._columns: dict[str, int] = {}
        self._tfidf = TfidfTransformer(sublinear_tf=True)

    def fit_transform(self, corpus: Corpus) -> csr_matrix:
        """Learn the terms that stand in at least ``least`` texts; the features of the texts."""
        names, counts = self._terms.count(corpus)
        in_texts = np.bincount(counts.indices, minlength=counts.shape[1])
        kept = np.flatnonzero(in_texts >= self._least)
        # The most frequent first: what is used most lies together, which makes learning a tenth faster.
        kept = kept[np.argsort(-in_texts[kept], kind="stable")]
        self._columns = {names[column]: at for at, column in enumerate(kept.tolist())}
        weighted = self._tfidf.fit_transform(counts[:, kept])
        self._idf = array("f", self._tfidf.idf_)
        return weighted.astype(np.float32) * np.float32(self.weight)

    def transform(self, corpus: Corpus) -> csr_matrix:
        """The features of other texts."""
        names, counts = self._terms.count(corpus)
        known = [(row, column) for row, name in enumerate(names) if (column := self._columns.get(name)) is not None]
        rows, columns = np.array(known, dtype=np.int64).reshape(-1, 2).T
        of_names = csr_matrix((np.ones(len(known)), (rows, columns)), shape=(len(names), self.size))
        return self._tfidf.transform(counts @ of_names).astype(np.float32) * np.float32(self.weight)

    def row(self, tokens: Sequence[str]) -> tuple[list[int], list[float]]:
        """The columns and values of one text, given its words. Without NumPy, which is slow on a handful of numbers."""
        columns, values = [], []
        for term, times in Counter(self._terms.of(tokens)).items():
            column = self._columns.get(term)
            if column is not None:
                columns.append(column)
                values.append(self._idf[column] * (1.0 + math.log(times)))
        length = math.hypot(*values)
        return columns, [value * self.weight / length for value in values]

    @property
    def size(self) -> int:
        """How many columns the block has."""
        return len(self._columns)


@dataclass
class MessageFeatures:
    """Turns texts into one sparse matrix (messages x features, float32). Fitted once, on training texts."""

    lexicon: Lexicon
    weights: FeatureWeights = field(default_factory=FeatureWeights)
    _blocks: Sequence[WeightedBlock] = ()

    def fit_transform(self, texts: Sequence[Sequence[str]]) -> csr_matrix:
        """Learn the vocabulary of texts, given their words in normal form, and return their features."""
        self._blocks, matrix = fit_blocks(self._new_blocks(), texts)
        return matrix

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """The features of other texts."""
        corpus = read_corpus([words(normalise(text)) for text in texts])
        return _joined([block.transform(corpus) for block in self._blocks])

    def row(self, text: str) -> tuple[Array, Array]:
        """The columns and values of one text: the same as its row in ``transform``."""
        return row_of(self._blocks, words(normalise(text)))

    def _new_blocks(self) -> list[WeightedBlock]:
        weights = self.weights
        # Those that take longest to learn come first.
        blocks = [
            WeightedBlock(TermsAndPairs(self._concepts, distance=2, ordered=False), least=2, weight=weights.concepts),
            WeightedBlock(TermsAndPairs(stems), least=3, weight=weights.words),
            WeightedBlock(TermsOfWords(partial(pieces, shortest=4, longest=4)), least=3, weight=weights.pieces),
            WeightedBlock(TermsOfWords(skeleton_pieces), least=3, weight=weights.skeletons),
        ]
        return [block for block in blocks if block.weight > 0]

    def _concepts(self, tokens: Sequence[str]) -> list[str]:
        """Each concept once. With the unordered pairs of neighbours: "renew + residence-card" says more than either."""
        return list(dict.fromkeys(self.lexicon.concepts_in(tokens)))


def fit_blocks(
    blocks: Sequence[WeightedBlock], texts: Sequence[Sequence[str]]
) -> tuple[tuple[WeightedBlock, ...], csr_matrix]:
    """Blocks that have learned the terms of texts, given their words in normal form; and the features of the texts.

    The first is learned here, the others in processes beside: it should be the one that takes longest, or is largest.
    """
    corpus = read_corpus(texts)
    others = Parallel(n_jobs=CORES, return_as="generator")(delayed(_fit_block)(block, corpus) for block in blocks[1:])
    fitted = [_fit_block(blocks[0], corpus), *others]
    return tuple(block for block, _ in fitted), _joined([matrix for _, matrix in fitted])


def row_of(blocks: Sequence[WeightedBlock], tokens: Sequence[str]) -> tuple[Array, Array]:
    """The columns and values of one text in several blocks side by side, given its words."""
    columns: list[int] = []
    values: list[float] = []
    offset = 0
    for block in blocks:
        own, weights = block.row(tokens)
        columns += [column + offset for column in own]
        values += weights
        offset += block.size
    return np.array(columns, dtype=np.intp), np.array(values, dtype=np.float32)


def _fit_block(block: WeightedBlock, corpus: Corpus) -> tuple[WeightedBlock, csr_matrix]:
    return block, block.fit_transform(corpus)


def _joined(matrices: list[csr_matrix]) -> csr_matrix:
    return hstack(matrices, format="csr", dtype=np.float32)
