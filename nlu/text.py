"""Pure functions on text: one normal form for five ways of writing. No state, no Rasa."""

import re
import unicodedata
from functools import lru_cache

_CONTROL = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe0f]")
_ARABIC_MARKS = re.compile(r"[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640]")
_LATIN_MARKS = re.compile(r"[\u0300-\u036f]")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_APOSTROPHES = re.compile(r"[’‘`´ʼ']")
_NOT_WORD = re.compile(r"[^\w\s]|_")
_SPACES = re.compile(r"\s+")
_ARABIC_LETTER = re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
_LATIN_LETTER = re.compile(r"[A-Za-z\u00c0-\u024f]")

_LETTERS = str.maketrans(
    {
        **dict.fromkeys("أإآٱ", "ا"),
        **dict.fromkeys("ىیې", "ي"),
        "ة": "ه",
        "ؤ": "و",
        "ئ": "ي",
        "ء": "",
        **dict.fromkeys("گڭݣػک", "ك"),
        "پ": "ب",
        **dict.fromkeys("ڤڥ", "ف"),
        "چ": "ش",
        "ژ": "ج",
        **{chr(0x0660 + digit): str(digit) for digit in range(10)},
        **{chr(0x06F0 + digit): str(digit) for digit in range(10)},
        "œ": "oe",
        "æ": "ae",
        "ß": "ss",
    }
)

#: Arabic letters as the consonants that Latin Darija writes them with; long vowels fall away.
_ARABIC_CONSONANTS = {
    **dict.fromkeys("اويه", ""),
    **dict(zip("بتثجحخدذرزسشصضطظعغفقكلمن", "bttjhxddrzsʃsdtd3gfkklmn", strict=True)),
}

#: Latin spellings of the same consonants, longest first.
_LATIN_CONSONANTS = [
    ("tch", "ʃ"),
    ("sch", "ʃ"),
    ("ch", "ʃ"),
    ("sh", "ʃ"),
    ("kh", "x"),
    ("gh", "g"),
    ("th", "t"),
    ("dh", "d"),
    ("ph", "f"),
    ("qu", "k"),
    ("ou", ""),
    ("2", ""),
    ("3", "3"),
    ("5", "x"),
    ("7", "h"),
    ("8", "g"),
    ("9", "k"),
    ("c", "k"),
    ("q", "k"),
    ("p", "b"),
    ("v", "f"),
    ("x", "ks"),
    ("w", ""),
    ("y", ""),
    ("h", ""),
    *((vowel, "") for vowel in "aeiou"),
]

_SHORTEST_STEM = 3
_SHORTEST_SKELETON = 2
_ARABIC_PREFIXES = ("وبال", "وال", "بال", "فال", "كال", "لل", "ال", "ول", "وب", "وف", "و", "ف", "ب", "ل", "ك", "د")


def clean(text: str) -> str:
    """The text as a person typed it, without control, zero-width and direction characters."""
    return _SPACES.sub(" ", _CONTROL.sub("", unicodedata.normalize("NFC", text))).strip()


def normalise(text: str) -> str:
    """The one normal form: lower case, no accents or vowel marks, one form of each letter, Western digits, words only."""
    text = unicodedata.normalize("NFKC", _CONTROL.sub(" ", text)).lower()
    text = _ARABIC_MARKS.sub("", text).translate(_LETTERS)
    text = _LATIN_MARKS.sub("", unicodedata.normalize("NFD", text))
    text = _APOSTROPHES.sub(" ", text)
    text = _NOT_WORD.sub(" ", text)
    text = _STRETCHED.sub(r"\1", text)
    return _SPACES.sub(" ", text).strip()


def script_of(text: str) -> str:
    """``Arab`` or ``Latn``: the script of most letters; text without letters counts as Latin."""
    return "Arab" if len(_ARABIC_LETTER.findall(text)) > len(_LATIN_LETTER.findall(text)) else "Latn"


def has_letters(text: str) -> bool:
    """Whether there is anything to understand: a letter of any script or a digit."""
    return any(character.isalnum() for character in text)


def words(normalised: str) -> list[str]:
    """The words of a text in normal form."""
    return normalised.split()


@lru_cache(maxsize=50_000)
def stem_arabic(word: str) -> str:
    """An Arabic word without the particles written onto its front (و، ف، ب، ل، ال…), if three letters remain."""
    for prefix in _ARABIC_PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= _SHORTEST_STEM:
            return word[len(prefix) :]
    return word


@lru_cache(maxsize=50_000)
def skeleton(word: str) -> str:
    """The consonants of a word, the same for كارط سيجور, carte séjour and kart sijour; "" if fewer than two remain."""
    if _ARABIC_LETTER.search(word):
        bare = stem_arabic(word)
        bones = "".join(_ARABIC_CONSONANTS.get(letter, letter) for letter in bare)
    else:
        bones = word
        for spelling, consonant in _LATIN_CONSONANTS:
            bones = bones.replace(spelling, consonant)
    bones = re.sub(r"(.)\1+", r"\1", bones)
    return bones if len(bones) >= _SHORTEST_SKELETON else ""
