"""Places, nationalities, statuses and documents in a message, found in gazetteers, typing errors included."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from rapidfuzz import fuzz, process
from rapidfuzz.distance import DamerauLevenshtein

from nlu.spelling import bones, near_form, without_article, without_endings, without_front
from nlu.text import normalise, stem_arabic
from nlu.whereabouts import frame_words, likeliest, words

_LONGEST_NAME = 5
_SHORTEST_FUZZY = 5
_SHORTEST_BONES = 3
#: Below this likeness (0 to 100) two words with the same consonants are not the same name.
_ALIKE, _VERY_ALIKE = 75, 88
_SHORTEST_REST, _SHORTEST_SURE = 4, 5
#: A name of several words bears a second error from this length on.
_LONG_FORM = 9
#: A message of so few words is mostly its place.
_FEW_WORDS = 3

#: Entities that say who somebody is.
_WHO = ("status", "nationality")


@dataclass(frozen=True)
class FoundEntity:
    """An entity with its value and the words (from, to) of the message it stands in.

    ``is_marked``: a word or particle like "in" stands before it. ``role``: "elsewhere" for a place that is not the writer's.
    """

    entity: str
    value: str
    first_word: int
    last_word: int
    confidence: float
    is_marked: bool = False
    role: str = ""


@dataclass
class Gazetteer:
    """Names in normal form by entity. ``fuzzy`` entities are also found misspelt.

    ``everyday`` are words of ordinary messages: they are never taken for a misspelt name.
    """

    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    needs_marker: set[str] = field(default_factory=set)
    everyday: Collection[str] = frozenset()
    fuzzy_names: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: Names that stand here without their article, as which they may be everyday words: الجديدة, جديدة.
    _bare: set[str] = field(default_factory=set)
    #: How many words the longest name has that begins with a word: most words begin none.
    _longest: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    _near: dict[str, tuple[str, str]] = field(default_factory=dict)
    _bones: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    #: Names of several words, as they sound, by their first word: sidi, ain, had …
    _long: defaultdict[str, dict[str, tuple[str, str]]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, entity: str, value: str, spellings: Iterable[str], *, is_fuzzy: bool = False) -> None:
        """Add the spellings of one value; the first value to claim a spelling keeps it."""
        for spelling in spellings:
            normal = normalise(spelling)
            if not normal:
                continue
            self.names.setdefault(normal, (entity, value))
            if (bare := without_article(normal)) not in self.names:
                self.names[bare] = (entity, value)
                self._bare.add(bare)
            for form in (normal, bare):
                first, *others = form.split()
                self._longest[first] = max(self._longest[first], 1 + len(others))
            if is_fuzzy:
                self._near.setdefault(near_form(normal), (entity, value))
                first, *others = normal.split()
                if others:
                    self._long[near_form(first)].setdefault(near_form(normal), (entity, value))
            if is_fuzzy and len(normal) >= _SHORTEST_FUZZY:
                self.fuzzy_names.setdefault(normal, (entity, value))
                if " " not in normal and len(bones(normal)) >= _SHORTEST_BONES:
                    self._bones[bones(normal)].append(normal)

    def find(self, text: str) -> list[FoundEntity]:
        """The entities of a text, longest names first, none overlapping another."""
        tokens = normalise(text).split()
        found: list[FoundEntity] = []
        at = 0
        while at < len(tokens):
            entity = self._exact_at(tokens, at) or self._misspelt_at(tokens, at)
            if entity is not None:
                found.append(entity)
                at = entity.last_word + 1
            else:
                at += 1
        # Beside a name that is spelt right, a guess at another is more likely an error of ours, unless it is marked.
        certain = {entity.entity for entity in found if entity.confidence == 1.0}
        sure = [
            entity for entity in found if entity.confidence == 1.0 or entity.is_marked or entity.entity not in certain
        ]
        return _with_roles(sure, tokens)

    def _exact_at(self, tokens: Sequence[str], at: int) -> FoundEntity | None:
        fronts = [
            (front, stem)
            for front, stem in (*without_front(tokens[at]), ("", stem_arabic(tokens[at])))
            if stem in self._longest
        ]
        longest = max((self._longest[stem] for _, stem in fronts), default=0)
        is_marked = len(tokens) == 1 or (at > 0 and tokens[at - 1] in _markers())
        for length in range(min(longest, len(tokens) - at), 0, -1):
            first, *rest = tokens[at : at + length]
            for front, stem in fronts:
                if front and not rest and front.isascii() and self._is_everyday(first):
                    continue  # blassa is a place, but not Assa
                for form in dict.fromkeys((" ".join([stem, *rest]), " ".join([stem, *map(stem_arabic, rest)]))):
                    is_meant = is_marked or _marks_a_place(front)
                    if form in self.names and self._is_meant(form, is_marked=is_meant):
                        return FoundEntity(*self.names[form], at, at + length - 1, 1.0, is_marked=is_meant)
        return None

    def _is_meant(self, form: str, *, is_marked: bool) -> bool:
        return is_marked or not (form in self.needs_marker or (form in self._bare and self._is_everyday(form)))

    def _misspelt_at(self, tokens: Sequence[str], at: int) -> FoundEntity | None:
        """A name with another spelling: the same but for letters that sound alike, the same consonants, or few errors."""
        has_marker = at > 0 and tokens[at - 1] in _markers()
        only_frame_before = at > 0 and all(token in frame_words() for token in tokens[:at])
        is_marked = has_marker or only_frame_before or len(tokens) <= _FEW_WORDS
        for length in (3, 2, 1):
            if at + length <= len(tokens):
                own = tokens[at : at + length]
                hit = self._sounds_alike(own, is_marked=is_marked, is_in=at > 0 and tokens[at - 1] in words("in"))
                if hit is not None:
                    return FoundEntity(*hit, at, at + length - 1, 0.95, is_marked=has_marker)
                hit = self._like_a_long_name(own) if length > 1 else None
                if hit is not None and not any(self._exact_at(tokens, inner) for inner in range(at + 1, at + length)):
                    return FoundEntity(*hit, at, at + length - 1, 0.9, is_marked=has_marker)
        if self._is_everyday(tokens[at]):
            return None
        for front, stem in without_front(tokens[at]):
            if (is_marked or front) and not self._is_everyday(stem):
                hit = self._same_bones(stem, is_cut=bool(front))
                if hit is None and not (front and front.isascii()):  # many Latin words begin with f, d, l or b
                    hit = self._few_errors(stem)
                if hit is not None:
                    return FoundEntity(*hit, at, at, 0.8, is_marked=has_marker or _marks_a_place(front))
        return None

    def _sounds_alike(self, own: Sequence[str], *, is_marked: bool, is_in: bool) -> tuple[str, str] | None:
        first, *rest = own
        for front, stem in without_front(first):
            word = " ".join([stem, *rest])
            # وجد is "found", but what is written ف وجدا is a place.
            if (
                not rest
                and (self._is_everyday(word) or self._is_everyday(first))
                and (not is_in or word in self.everyday)
            ):
                continue
            form = near_form(word)
            # A short form says little: it needs a word like "in" before it, or a particle and one letter more.
            is_enough = len(form) >= _SHORTEST_SURE or (
                len(form) >= _SHORTEST_REST and (is_marked or len(word) > len(form))
            )
            if form in self._near and is_enough and (front or is_marked or len(word) >= _SHORTEST_SURE):
                return self._near[form]
        return None

    def _like_a_long_name(self, own: Sequence[str]) -> tuple[str, str] | None:
        """A name of several words with an error or two: had soualm, sidi rehal, عين بنمطهر."""
        names = self._long.get(near_form(own[0]))
        if names is None or self._is_everyday(own[-1]):
            return None
        form = near_form(" ".join(own))
        allowed = 1 if len(form) < _LONG_FORM else 2
        best = process.extractOne(form, names.keys(), scorer=DamerauLevenshtein.distance, score_cutoff=allowed)
        return names[best[0]] if best is not None else None

    def _is_everyday(self, word: str) -> bool:
        if word in frame_words() or word in self.needs_marker:
            return True
        return any(form in self.everyday for form in without_endings(without_article(word)))

    def _same_bones(self, word: str, *, is_cut: bool) -> tuple[str, str] | None:
        alike = [(fuzz.ratio(word, name), name) for name in self._bones.get(bones(word), ())]
        likeness, name = max(alike, default=(0.0, ""))
        return self.fuzzy_names[name] if likeness >= (_VERY_ALIKE if is_cut else _ALIKE) else None

    def _few_errors(self, word: str) -> tuple[str, str] | None:
        bare = word.removeprefix("ال")
        if len(bare) < _SHORTEST_FUZZY:
            return None
        allowed = 1 if len(bare) < 8 else 2  # noqa: PLR2004 - longer names bear a second error
        best = process.extractOne(
            word, self.fuzzy_names.keys(), scorer=DamerauLevenshtein.distance, score_cutoff=allowed
        )
        if best is None or fuzz.ratio(word[:2], best[0][:2]) < 50:  # noqa: PLR2004 - one of the first two letters holds
            return None
        return self.fuzzy_names[best[0]]


@cache
def _markers() -> frozenset[str]:
    return words("before") | words("left")


def _with_roles(found: Sequence[FoundEntity], tokens: Sequence[str]) -> list[FoundEntity]:
    """The same entities; of several places, all but the writer's own are elsewhere."""
    places = [entity for entity in found if entity.entity == "place"]
    own = likeliest(places, tokens).value if places else ""
    return [
        replace(entity, role="elsewhere") if entity.entity == "place" and entity.value != own else entity
        for entity in found
    ]


def _marks_a_place(front: str) -> bool:
    """Whether a particle says "in" or "of": in Latin letters l is an article more often than not (lsala, the prayer)."""
    return bool(front) and front not in ("l", "b", "bl")


def says_only_a_place(text: str, found: Sequence[FoundEntity]) -> bool:
    """Whether a message gives a place and nothing that could be a question."""
    return any(entity.entity == "place" for entity in found) and _all_said(text, found, ("place",))


def says_who_and_where(text: str, found: Sequence[FoundEntity]) -> bool:
    """Whether a message gives a place and who somebody is ("I am in Nador, I am a refugee"), and asks nothing."""
    given = {entity.entity for entity in found}
    return "place" in given and bool(given & set(_WHO)) and _all_said(text, found, ("place", *_WHO))


def _all_said(text: str, found: Sequence[FoundEntity], entities: Collection[str]) -> bool:
    """Whether these entities and the words around them are the whole message."""
    covered = {
        index
        for entity in found
        if entity.entity in entities
        for index in range(entity.first_word, entity.last_word + 1)
    }
    rest = [word for index, word in enumerate(normalise(text).split()) if index not in covered]
    return all(word in frame_words() for word in rest)
