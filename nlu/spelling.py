"""How names are misspelt: letters that sound alike, vowels left out, particles written onto the front."""

import re
from collections.abc import Iterator
from functools import lru_cache

_ALIKE_ARABIC = str.maketrans({"ص": "س", "ط": "ت", "ض": "د", "ظ": "د", "ث": "ت", "ذ": "د"})
_SOUNDS = (
    (re.compile(r"g(?=[ei])"), "j"),
    (re.compile(r"gu(?=[ei])"), "g"),
    (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"(?:ch|sh|tch)"), "C"),
    (re.compile(r"(?:kh|5)"), "x"),
    (re.compile(r"(?:gh|rh|4|8)"), "G"),
    (re.compile(r"(?:qu|q|c|9)"), "k"),
    (re.compile(r"(?:ou|oo|w|o)"), "u"),
    (re.compile(r"7"), "h"),
    (re.compile(r"3"), "a"),
    (re.compile(r"y"), "i"),
)
_REPEATED = re.compile(r"(.)\1+")
_FINAL_VOWEL = re.compile(r"(?<=..)[هايaeh]+\b")
_VOWELS = re.compile(r"[aeiouاويهh]")
_ARTICLE = re.compile(r"^(?:ال|l(?=[bcdfgjkmnpqrstvz3h]))")

#: Particles that Darija and Arabic write onto the front of a place's name (in, at, to, of); the longer first.
_FRONTS = ("فال", "بال", "دال", "لل", "فل", "بل", "دل", "ف", "ب", "ل", "د")
_LATIN_FRONTS = ("fl", "dl", "bl", "f", "d", "b", "l")
_SHORTEST_LATIN_REST = 4
_SHORTEST_REST = 3
_ARABIC_ARTICLE = re.compile(r"^ال(?=..)")
_ENDINGS = ("ها", "هم", "نا", "ات", "ين", "ون", "ه", "ي", "ك", "ا", "و")


@lru_cache(maxsize=20_000)
def near_form(name: str) -> str:
    """A name in normal form without the differences that people do not hear: طنجة, طنجا; Biougra, Biyogra."""
    text = name.translate(_ALIKE_ARABIC)
    for sound, letter in _SOUNDS:
        text = sound.sub(letter, text)
    return _FINAL_VOWEL.sub("", _REPEATED.sub(r"\1", text))


@lru_cache(maxsize=20_000)
def bones(name: str) -> str:
    """The consonants of one word: Berkane, Brkan; Guercif, Gersif. Of either script, in its own letters."""
    return _VOWELS.sub("", _ARTICLE.sub("", near_form(name)))


def without_article(name: str) -> str:
    """A name in normal form with no Arabic article on any of its words."""
    return " ".join(_ARABIC_ARTICLE.sub("", word) for word in name.split())


def without_endings(word: str) -> Iterator[str]:
    """What an Arabic word may be without the endings that make it plural, feminine or somebody's: قريبة, قريب."""
    yield word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_REST:
            yield word[: -len(ending)]


@lru_cache(maxsize=20_000)
def without_front(word: str) -> tuple[tuple[str, str], ...]:
    """The word as it stands, then without each particle that could be written onto its front: (particle, rest)."""
    return tuple(_without_front(word))


def _without_front(word: str) -> Iterator[tuple[str, str]]:
    yield "", word
    for front in _LATIN_FRONTS:
        if word.startswith(front) and len(word) - len(front) >= _SHORTEST_LATIN_REST:
            yield front, word[len(front) :]
    for front in _FRONTS:
        if word.startswith(front) and len(word) - len(front) >= _SHORTEST_REST:
            rest = word[len(front) :]
            yield front, rest
            if not rest.startswith("ال"):
                yield front, f"ال{rest}"
