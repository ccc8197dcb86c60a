"""Places, nationalities, statuses and documents in a message, found in gazetteers, typing errors included."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process
from rapidfuzz.distance import DamerauLevenshtein

from nlu.text import normalise, stem_arabic

_LONGEST_NAME = 5
_SHORTEST_FUZZY = 5

#: Words before a name that make even an everyday word ("sale", "safi") a place.
_PLACE_MARKERS = frozenset(
    "a au in at from near to de d en vers pres f fi mn men hda ville city town commune mdina "
    "في من ف ب ل مدينه جماعه".split(" ")
)
#: Words that may stand around a place in a message that says nothing else.
_PLACE_FRAME = _PLACE_MARKERS | frozenset(
    "i am im m we are live living here the je suis nous sommes habite vis la ana hna 7na kansken sakn sakna saken "
    "انا نحن احنا حنا اسكن نسكن ساكن ساكنه كنسكن مقيم ديال هنا".split(" ")
)


@dataclass(frozen=True)
class FoundEntity:
    """An entity with its value and the words (from, to) of the message it stands in."""

    entity: str
    value: str
    first_word: int
    last_word: int
    confidence: float


@dataclass
class Gazetteer:
    """Names in normal form by entity. ``fuzzy`` entities are also found with one or two typing errors."""

    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    needs_marker: set[str] = field(default_factory=set)
    fuzzy_names: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add(self, entity: str, value: str, spellings: Iterable[str], *, is_fuzzy: bool = False) -> None:
        """Add the spellings of one value; the first value to claim a spelling keeps it."""
        for spelling in spellings:
            normal = normalise(spelling)
            if not normal:
                continue
            for form in {normal, " ".join(stem_arabic(word) for word in normal.split())}:
                self.names.setdefault(form, (entity, value))
            if is_fuzzy and len(normal) >= _SHORTEST_FUZZY:
                self.fuzzy_names.setdefault(normal, (entity, value))

    def find(self, text: str) -> list[FoundEntity]:
        """The entities of a text, longest names first, none overlapping another."""
        tokens = normalise(text).split()
        found: list[FoundEntity] = []
        at = 0
        while at < len(tokens):
            entity = self._exact_at(tokens, at) or self._fuzzy_at(tokens, at)
            if entity is not None:
                found.append(entity)
                at = entity.last_word + 1
            else:
                at += 1
        return found

    def _exact_at(self, tokens: Sequence[str], at: int) -> FoundEntity | None:
        for length in range(min(_LONGEST_NAME, len(tokens) - at), 0, -1):
            words = tokens[at : at + length]
            for form in (" ".join(words), " ".join([stem_arabic(words[0]), *words[1:]])):
                if form in self.names and self._is_meant(form, tokens, at):
                    entity, value = self.names[form]
                    return FoundEntity(entity, value, at, at + length - 1, 1.0)
        return None

    def _is_meant(self, form: str, tokens: Sequence[str], at: int) -> bool:
        if form not in self.needs_marker:
            return True
        return len(tokens) == 1 or (at > 0 and tokens[at - 1] in _PLACE_MARKERS)

    def _fuzzy_at(self, tokens: Sequence[str], at: int) -> FoundEntity | None:
        word = stem_arabic(tokens[at])
        if len(word) < _SHORTEST_FUZZY or not ((at > 0 and tokens[at - 1] in _PLACE_MARKERS) or len(tokens) <= 3):  # noqa: PLR2004 - a message of three words is mostly its place
            return None
        allowed = 1 if len(word) < 8 else 2  # noqa: PLR2004 - longer names bear a second error
        best = process.extractOne(
            word, self.fuzzy_names.keys(), scorer=DamerauLevenshtein.distance, score_cutoff=allowed
        )
        if best is None or fuzz.ratio(word[:2], best[0][:2]) < 50:  # noqa: PLR2004 - one of the first two letters holds
            return None
        entity, value = self.fuzzy_names[best[0]]
        return FoundEntity(entity, value, at, at, 1.0 - best[1] / len(word))


def says_only_a_place(text: str, found: Sequence[FoundEntity]) -> bool:
    """Whether a message gives a place and nothing that could be a question."""
    places = [entity for entity in found if entity.entity == "place"]
    if not places:
        return False
    covered = {index for entity in places for index in range(entity.first_word, entity.last_word + 1)}
    rest = [word for index, word in enumerate(normalise(text).split()) if index not in covered]
    return all(word in _PLACE_FRAME for word in rest)
