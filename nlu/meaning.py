"""Questions for a word: "what does … mean", "c'est quoi …", "شنو هي …". Pure functions, no Rasa."""

import re
from dataclasses import dataclass
from functools import cache

from nlu import frames
from nlu.text import normalise

#: Some laws have long names; longer messages tell something.
_MOST_WORDS = 32


@dataclass(frozen=True)
class AskedWord:
    """What is asked for, in normal form. ``is_meaning``: the word itself, not the thing, is asked about."""

    word: str
    is_meaning: bool


def asked_words(text: str) -> list[AskedWord]:
    """What a message may ask the meaning of, most likely first: the whole message is the frame and the word."""
    said = normalise(text)
    if not said or len(said.split()) > _MOST_WORDS:
        return []
    found: list[AskedWord] = []
    for pattern, is_meaning in _patterns():
        if match := pattern.match(said):
            word = match["word"]
            bare = _before_terms().sub("", word)
            found += [AskedWord(form, is_meaning) for form in dict.fromkeys((word, bare)) if form]
    return found


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], bool], ...]:
    """One pattern a frame, the longest first, so that "qu'est-ce que c'est" wins over "qu'est-ce que"."""
    listed = [
        (*frame, is_meaning)
        for name, is_meaning in (("meaning", True), ("identity", False))
        for frame in frames.around(name)
    ]
    listed.sort(key=lambda frame: -len(frame[0] + frame[1]))
    return tuple(
        (re.compile(f"^{f'{before} ' if before else ''}(?P<word>.+?){f' {after}' if after else ''}$"), is_meaning)
        for before, after, is_meaning in listed
    )


@cache
def _before_terms() -> re.Pattern[str]:
    return re.compile(f"^(?:(?:{frames.any_of('before_terms')}) )+")
