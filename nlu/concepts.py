"""The concept lexicon: one id for a thing, whatever the language, so that an example in one language teaches the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from nlu.text import normalise, stem_arabic, words

LEXICON_ROOT = Path(__file__).resolve().parent / "lexicon"

_LONGEST_TERM = 5


@dataclass(frozen=True)
class Lexicon:
    """Concept ids by term in normal form; longer terms win over the shorter ones inside them."""

    terms: Mapping[tuple[str, ...], tuple[str, ...]]
    #: The length of the longest term that begins with a word: most words begin none.
    _longest: Mapping[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        longest: dict[str, int] = {}
        for term in self.terms:
            longest[term[0]] = max(longest.get(term[0], 0), len(term))
        object.__setattr__(self, "_longest", longest)

    def concepts_in(self, normalised: str) -> list[str]:
        """The concepts of a text in normal form, in order, each as often as it is named."""
        tokens = words(normalised)
        stems = [stem_arabic(token) for token in tokens]
        found: list[str] = []
        at = 0
        while at < len(tokens):
            length, concepts = self._longest_at(tokens, stems, at)
            found += concepts
            at += length
        return found

    def _longest_at(self, tokens: list[str], stems: list[str], at: int) -> tuple[int, tuple[str, ...]]:
        of_token, of_stem = self._longest.get(tokens[at], 0), self._longest.get(stems[at], 0)
        for length in range(min(max(of_token, of_stem), len(tokens) - at), 0, -1):
            for form in (tuple(tokens[at : at + length]), tuple(stems[at : at + length])):
                if form in self.terms:
                    return length, self.terms[form]
        return 1, ()


def read_lexicon(root: Path = LEXICON_ROOT) -> Lexicon:
    """The lexicon from its YAML files, one a theme."""
    collected: dict[tuple[str, ...], dict[str, None]] = {}
    for path in sorted(root.glob("*.yml")):
        for concept in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or ():
            for term in _terms_of(concept):
                tokens = tuple(words(normalise(str(term))))
                for form in {tokens, tuple(stem_arabic(token) for token in tokens)}:
                    if 0 < len(form) <= _LONGEST_TERM:
                        collected.setdefault(form, {})[concept["id"]] = None
    return Lexicon({form: tuple(ids) for form, ids in collected.items()})


def _terms_of(concept: Mapping[str, Iterable[str]]) -> list[str]:
    return [term for key, terms in concept.items() if key != "id" for term in terms or ()]
