"""The concept lexicon: one id for a thing, whatever the language, so that an example in one language teaches the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

import yaml

from nlu.text import normalise, stem_arabic, words

LEXICON_ROOT = Path(__file__).resolve().parent / "lexicon"

_LONGEST_TERM = 5


@dataclass(frozen=True)
class Lexicon:
    """Concept ids by term in normal form; longer terms win over the shorter ones inside them."""

    terms: Mapping[tuple[str, ...], tuple[str, ...]]
    #: The terms by their first word, then by their second and so on: most are ruled out by a word or two.
    _tree: Mapping[str, "_Branch"] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tree: dict[str, _Branch] = {}
        for term, concepts in self.terms.items():
            branches = tree
            for word in term:
                branch = branches.setdefault(word, _Branch())
                branches = branch.longer
            branch.concepts = concepts
        object.__setattr__(self, "_tree", tree)

    def concepts_in(self, tokens: Sequence[str]) -> list[str]:
        """The concepts of a text, given its words in normal form: in order, each as often as it is named."""
        stems = [stem_arabic(token) for token in tokens]
        has_stems = stems != tokens
        found: list[str] = []
        at = 0
        while at < len(tokens):
            length, concepts = self._longest_at(tokens, at)
            if has_stems:
                of_stems = self._longest_at(stems, at)
                length, concepts = max((length, concepts), of_stems, key=itemgetter(0))
            found += concepts
            at += length or 1
        return found

    def _longest_at(self, form: Sequence[str], at: int) -> tuple[int, tuple[str, ...]]:
        """How many words the longest term that begins here has (0: none does), and its concepts."""
        length: int = 0
        concepts: tuple[str, ...] = ()
        branches = self._tree
        for end in range(at, len(form)):
            branch = branches.get(form[end])
            if branch is None:
                break
            if branch.concepts:
                length, concepts = end + 1 - at, branch.concepts
            branches = branch.longer
        return length, concepts


@dataclass(slots=True)
class _Branch:
    """Where a term may end or go on."""

    concepts: tuple[str, ...] = ()
    longer: dict[str, "_Branch"] = field(default_factory=dict)


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
