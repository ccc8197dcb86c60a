"""Terms of texts, and how often each stands in each text. What many texts share is worked out once a word, not once a text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer

from nlu.text import skeleton, stem_arabic

Array = NDArray[Any]


@dataclass(frozen=True)
class Corpus:
    """Texts as lists of words. Of all their words the one at ``i`` is ``words[numbers[i]]`` and stands in text ``rows[i]``."""

    texts: Sequence[Sequence[str]]
    words: tuple[str, ...]
    numbers: Array
    rows: Array

    def counts(self) -> csr_matrix:
        """How often each word stands in each text (texts x words)."""
        return count(self.rows, self.numbers, (len(self.texts), len(self.words)))

    def pairs(self, distance: int = 1) -> tuple[Array, Array]:
        """Where two words of one text stand so far apart: the places of the first and of the second among all words."""
        firsts = np.flatnonzero(self.rows[distance:] == self.rows[:-distance])
        return firsts, firsts + distance


def read_corpus(texts: Sequence[Sequence[str]]) -> Corpus:
    """Number the words of texts."""
    known: dict[str, int] = {}
    numbers = [known.setdefault(word, len(known)) for text in texts for word in text]
    rows = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    return Corpus(texts, tuple(known), np.array(numbers, dtype=np.int64), rows)


def count(rows: Array, columns: Array, shape: tuple[int, int]) -> csr_matrix:
    """How often each row and column come together."""
    return coo_matrix((np.ones(len(rows)), (rows, columns)), shape=shape).tocsr()


class Terms(Protocol):
    """Which terms a text has."""

    def of(self, tokens: Sequence[str]) -> Sequence[str]:
        """The terms of one text, given its words."""

    def count(self, corpus: Corpus) -> tuple[Sequence[str], csr_matrix]:
        """The names of all terms, and how often each stands in each text (texts x terms)."""


@dataclass(frozen=True)
class TermsOfWords:
    """Each word has its terms, whatever stands beside it."""

    of_word: Callable[[str], Sequence[str]]

    def of(self, tokens: Sequence[str]) -> Sequence[str]:
        """The terms of one text, given its words."""
        return [term for token in tokens for term in self.of_word(token)]

    def count(self, corpus: Corpus) -> tuple[Sequence[str], csr_matrix]:
        """The words of all texts times the terms of all words: one product of sparse matrices."""
        counter = CountVectorizer(analyzer=self.of_word, dtype=np.float64)
        of_words = counter.fit_transform(corpus.words)
        return counter.get_feature_names_out().tolist(), corpus.counts() @ of_words


@dataclass(frozen=True)
class TermsAndPairs:
    """What a text is made of, and each two of these that stand side by side, or up to ``distance`` apart.

    Pairs are named in the order they stand in, or in that of the alphabet if they are not ``ordered``.
    """

    of_text: Callable[[Sequence[str]], Sequence[str]]
    distance: int = 1
    ordered: bool = True

    def of(self, tokens: Sequence[str]) -> Sequence[str]:
        """The terms of one text, given its words."""
        terms = list(self.of_text(tokens))
        distances = range(1, self.distance + 1)
        return terms + [self._name(pair) for apart in distances for pair in zip(terms, terms[apart:], strict=False)]

    def count(self, corpus: Corpus) -> tuple[Sequence[str], csr_matrix]:
        """A pair of numbers is a number too: the names are made at the end, once each."""
        terms = read_corpus([self.of_text(text) for text in corpus.texts])
        width = len(terms.words)
        places = [terms.pairs(apart) for apart in range(1, self.distance + 1)]
        firsts, seconds = (np.concatenate(side) for side in zip(*places, strict=True))
        pairs = np.stack([terms.numbers[firsts], terms.numbers[seconds]])
        if not self.ordered:
            pairs.sort(axis=0)
        distinct, columns = np.unique(pairs[0] * width + pairs[1], return_inverse=True)
        names = [self._name((terms.words[pair // width], terms.words[pair % width])) for pair in distinct.tolist()]
        of_pairs = count(terms.rows[firsts], columns, (len(terms.texts), len(names)))
        return [*terms.words, *names], hstack([terms.counts(), of_pairs], format="csr")

    def _name(self, pair: tuple[str, str]) -> str:
        return " ".join(pair if self.ordered else sorted(pair))


def stems(tokens: Sequence[str]) -> list[str]:
    """Words without the particles written onto their front."""
    return [stem_arabic(token) for token in tokens]


@lru_cache(maxsize=100_000)
def pieces(word: str, *, shortest: int, longest: int) -> tuple[str, ...]:
    """The character n-grams of one word with a space before and after it; most words come again and again."""
    padded = f" {word} "
    return tuple(
        padded[at : at + length]
        for length in range(shortest, min(longest, len(padded)) + 1)
        for at in range(len(padded) - length + 1)
    )


def skeleton_pieces(word: str) -> tuple[str, ...]:
    """Pieces of consonant skeletons: they bear errors, and cross the two scripts of Darija."""
    bones = skeleton(word)
    return pieces(bones, shortest=3, longest=4) if bones else ()
