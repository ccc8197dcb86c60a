"""The words of the staff pages: gettext catalogues, one a language, read as they are (nothing to compile)."""

import io
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from bot.languages import ANSWER_LANGUAGES, DEFAULT_LANGUAGE
from bot.typography import keep_together

LOCALE_ROOT = Path(__file__).resolve().parent / "locale"


class Catalogue(Mapping[str, str]):
    """Words by key in one language. A missing key raises KeyError: it is a defect, not an input."""

    def __init__(self, language: str, entries: Mapping[str, str], plurals: Translations) -> None:
        self.language = language
        self._entries = entries
        self._plurals = plurals

    def __getitem__(self, key: str) -> str:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def format(self, key: str, **values: object) -> str:
        """The words for ``key`` with ``{name}`` places filled."""
        return self[key].format(**values)

    def count(self, key: str, number: int, **values: object) -> str:
        """The words for a number of things, in the plural that the language has for it."""
        self[key]
        return str(self._plurals.ungettext(key, key, number)).format(n=number, **values)


def staff_words(language: str) -> Catalogue:
    """The words of the staff pages in a language (ar, fr or en; anything else is English)."""
    return _load(language if language in ANSWER_LANGUAGES else DEFAULT_LANGUAGE)


@cache
def _load(language: str) -> Catalogue:
    path = LOCALE_ROOT / f"{language}.po"
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    if language == "fr":
        for message in catalog:
            said = message.string or ""
            message.string = (
                keep_together(said) if isinstance(said, str) else tuple(keep_together(form) for form in said)
            )
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    entries = {}
    for message in catalog:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            said = message.string or ""
            entries[key] = said if isinstance(said, str) else said[0]
    return Catalogue(language, entries, Translations(compiled))
