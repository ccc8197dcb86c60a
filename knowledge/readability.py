"""How hard a text is to read. Pure functions on text as people see it (parameters filled); limits are in checks.py.

French: Kandel and Moles (1958), English: Flesch (1948), both on words per sentence and syllables per word; the higher the
easier (60 is plain, 30 is hard). Arabic is written without vowels, so syllables cannot be counted: as the OSMAN measure does,
long sentences and long words stand for difficulty, and the score says what share of the words is long.
"""

import re
from dataclasses import dataclass

#: An Arabic word is long from this many letters on, without its article and one-letter prefixes (OSMAN: more than five).
LONG_WORD = 6

_BRACKETS = re.compile(r"\([^()]*\)")
_SENTENCE_END = re.compile(r"[.!?؟…;؛:]+(?=\s|$)|\n")
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿœŒ]+(?:['’][A-Za-zÀ-ÖØ-öø-ÿœŒ]+)*")
_ARABIC_WORD = re.compile(r"[\u0621-\u064a]+")
_ARABIC_MARKS = re.compile(r"[\u064b-\u0652\u0640]")
_ARABIC_PREFIX = re.compile(r"^(?:[وف]?(?:[بكل]?ال|لل)|[وفبلك](?=[\u0621-\u064a]{4}))")
_VOWELS = {"en": re.compile(r"[aeiouy]+"), "fr": re.compile(r"[aàâeéèêëiîïoôöuùûüyœ]+")}
_MUTE_END = {
    "en": re.compile(r"(?:(?<![aeiouydtl])ed|(?<![aeiouylcgszxh])es|(?<![aeiouyl])e|(?<=[aeiouyl]l)e[sd]?)$"),
    "fr": re.compile(r"(?<=[^aàâeéèêëiîïoôöuùûüy])e(?:s|nt)?$"),
}


@dataclass(frozen=True)
class Readability:
    """The measures of one text. ``score`` is ease for French and English, the share of long words (0 to 1) for Arabic."""

    words: int
    sentences: int
    longest_sentence: int
    score: float

    @property
    def words_per_sentence(self) -> float:
        """Mean length of a sentence in words."""
        return self.words / self.sentences if self.sentences else 0.0


def measure(text: str, language: str) -> Readability:
    """Measure a text. Official terms in brackets and words in another script do not count."""
    pattern = _ARABIC_WORD if language == "ar" else _LATIN_WORD
    plain = _ARABIC_MARKS.sub("", _BRACKETS.sub(" ", text))
    sentences = [pattern.findall(sentence) for sentence in _SENTENCE_END.split(plain)]
    lengths = [len(words) for words in sentences if words]
    words = [word for sentence in sentences for word in sentence]
    return Readability(len(words), len(lengths), max(lengths, default=0), _score(words, len(lengths), language))


def _score(words: list[str], sentences: int, language: str) -> float:
    if not words:
        return 0.0
    if language == "ar":
        return sum(len(_ARABIC_PREFIX.sub("", word)) >= LONG_WORD for word in words) / len(words)
    per_sentence = len(words) / sentences
    per_word = sum(syllables(word, language) for word in words) / len(words)
    if language == "fr":
        return 207 - 1.015 * per_sentence - 73.6 * per_word
    return 206.835 - 1.015 * per_sentence - 84.6 * per_word


def syllables(word: str, language: str) -> int:
    """Syllables of a French or English word, counted as groups of vowels without a mute ending."""
    spoken = _MUTE_END[language].sub("", word.lower())
    return max(1, len(_VOWELS[language].findall(spoken)))
