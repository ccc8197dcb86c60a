"""Languages a person writes in, and the language they are answered in."""

from dataclasses import dataclass
from typing import Literal

AnswerLanguage = Literal["ar", "fr", "en"]

#: Every text a person reads exists in these, in the order in which they are shown side by side.
ANSWER_LANGUAGES: tuple[AnswerLanguage, ...] = ("ar", "fr", "en")

#: The ways of writing in which people ask: language (ISO 639), for Darija with its script (ISO 15924).
WRITINGS = ("ar", "fr", "en", "ary-Arab", "ary-Latn")

DEFAULT_LANGUAGE: AnswerLanguage = "en"


@dataclass(frozen=True)
class Writing:
    """How a message is written: a language (ISO 639: ar, ary, fr, en) and a script (ISO 15924: Arab, Latn)."""

    language: str
    script: str

    @property
    def answer_language(self) -> AnswerLanguage:
        """The language this person can be expected to read; Darija is answered in Arabic."""
        return "ar" if self.language in ("ar", "ary") else "fr" if self.language == "fr" else "en"

    @property
    def id(self) -> str:
        """Its name among ``WRITINGS``."""
        return f"ary-{self.script}" if self.language == "ary" else self.language

    @property
    def is_arabizi(self) -> bool:
        """Darija in Latin letters: its writer may read Arabic or French better, so is asked once."""
        return self.language == "ary" and self.script == "Latn"


def parse_answer_language(value: str | None) -> AnswerLanguage | None:
    """The answer language that an outside value names, or None; ``ary`` and region tags are accepted."""
    if not value:
        return None
    base = value.strip().lower().replace("_", "-").split("-")[0]
    if base in ("ar", "ary"):
        return "ar"
    return base if base in ("fr", "en") else None  # type: ignore[return-value]


def text_direction(language: str) -> Literal["rtl", "ltr"]:
    """The writing direction of a page or message in ``language``."""
    return "rtl" if language in ("ar", "ary") else "ltr"
