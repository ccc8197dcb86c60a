"""Pure functions on text: one normal form for five ways of writing. No state, no Rasa."""

import re
import unicodedata
from functools import lru_cache

# Also halves of characters (a message cut in the middle of an emoji): no database takes them.
_CONTROL = re.compile(
    r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe0f\ud800-\udfff]"
)
_ARABIC_MARKS = re.compile(r"[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640]")
_LATIN_MARKS = re.compile(r"[\u0300-\u036f]")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
#: Found five times as fast as what may be shortened; most texts have nothing to shorten.
_THRICE = re.compile(r"(.)\1\1")
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
        "ʼ": " ",
    }
)

#: Arabic letters as the consonants that Latin Darija writes them with; long vowels fall away.
_ARABIC_CONSONANTS = {
    **dict.fromkeys("اويه", ""),
    **dict(zip("بتثجحخدذرزسشصضطظعغفقكلمن", "bttjhxddrzsʃsdtd3gfkklmn", strict=True)),
}

#: Latin spellings of the same consonants; what is not here stands for itself.
_LATIN_CONSONANTS = {
    **dict.fromkeys(("tch", "sch", "ch", "sh"), "ʃ"),
    **dict.fromkeys(("kh", "5"), "x"),
    **dict.fromkeys(("gh", "8"), "g"),
    **dict.fromkeys(("qu", "c", "q", "9"), "k"),
    **dict.fromkeys(("ph", "v"), "f"),
    "th": "t",
    "dh": "d",
    "7": "h",
    "p": "b",
    "x": "ks",
    **dict.fromkeys(("ou", "2", "w", "y", "h", "a", "e", "i", "o", "u"), ""),
}
_LATIN_SPELLING = re.compile("|".join(sorted(_LATIN_CONSONANTS, key=len, reverse=True)))
_REPEATED = re.compile(r"(.)\1+")

_SHORTEST_STEM = 3
_SHORTEST_SKELETON = 2
_ARABIC_PREFIXES = ("وبال", "وال", "بال", "فال", "كال", "لل", "ال", "ول", "وب", "وف", "و", "ف", "ب", "ل")
_ARTICLES = ("وبال", "وال", "بال", "فال", "كال", "لل", "ال")


def clean(text: str) -> str:
    """The text as a person typed it, without control, zero-width and direction characters and halves of characters."""
    return _SPACES.sub(" ", _CONTROL.sub("", unicodedata.normalize("NFC", text))).strip()


def normalise(text: str) -> str:
    """The one normal form: lower case, no accents or vowel marks, one form of each letter, Western digits, words only."""
    text = _CONTROL.sub(" ", text)
    if text.isascii():
        text = text.lower()
    else:
        text = unicodedata.normalize("NFKC", text).lower()
        text = _ARABIC_MARKS.sub("", text).translate(_LETTERS)
        text = _LATIN_MARKS.sub("", unicodedata.normalize("NFD", text))
    text = " ".join(_NOT_WORD.sub(" ", text).split())
    return _STRETCHED.sub(r"\1", text) if _THRICE.search(text) else text


def script_of(text: str) -> str:
    """``Arab`` or ``Latn``. A quarter of Arabic letters is enough: who writes Latin letters does not mix Arabic ones in."""
    arabic, latin = len(_ARABIC_LETTER.findall(text)), len(_LATIN_LETTER.findall(text))
    return "Arab" if arabic * 3 >= latin and arabic else "Latn"


def has_letters(text: str) -> bool:
    """Whether there is anything to understand: a letter of any script or a digit."""
    return any(character.isalnum() for character in text)


def words(normalised: str) -> list[str]:
    """The words of a text in normal form."""
    return normalised.split()


@lru_cache(maxsize=50_000)
def stem_arabic(word: str) -> str:
    """An Arabic word without the particles written onto its front (و، ف، ب، ل، ال…), if three letters remain."""
    return _without_prefix(word, _ARABIC_PREFIXES)


@lru_cache(maxsize=50_000)
def skeleton(word: str) -> str:
    """The consonants of a word, the same for كارط سيجور, carte séjour and kart sijour; "" if fewer than two remain."""
    if _ARABIC_LETTER.search(word):
        bones = "".join(_ARABIC_CONSONANTS.get(letter, letter) for letter in _without_prefix(word, _ARTICLES))
    else:
        bones = _LATIN_SPELLING.sub(lambda found: _LATIN_CONSONANTS[found[0]], word)
    bones = _REPEATED.sub(r"\1", bones)
    return bones if len(bones) >= _SHORTEST_SKELETON else ""


def _without_prefix(word: str, prefixes: tuple[str, ...]) -> str:
    for prefix in prefixes:
        if word.startswith(prefix) and len(word) - len(prefix) >= _SHORTEST_STEM:
            return word[len(prefix) :]
    return word
