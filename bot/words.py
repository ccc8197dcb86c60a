"""Words that people read outside the dialogue (pages, terminal, errors): YAML beside their reader, three languages each."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from bot.data_files import read_yaml
from bot.languages import ANSWER_LANGUAGES, DEFAULT_LANGUAGE
from bot.typography import set_french


class Words(Mapping[str, str]):
    """The words of one file in one language, by key. A missing key raises KeyError: it is a defect, not an input."""

    def __init__(self, entries: dict[str, dict[str, str]], language: str) -> None:
        self._entries = entries
        self.language = language if language in ANSWER_LANGUAGES else DEFAULT_LANGUAGE

    def __getitem__(self, key: str) -> str:
        return self._entries[key][self.language]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def format(self, key: str, **values: object) -> str:
        """The words for ``key`` with ``{name}`` places filled."""
        return self[key].format(**values)


def load_words(path: Path, language: str) -> Words:
    """The words of ``path`` in ``language`` (ar, fr or en; anything else is English)."""
    return Words(_read(path), language)


@cache
def _read(path: Path) -> dict[str, dict[str, str]]:
    entries: dict[str, dict[str, str]] = read_yaml(path)
    return {key: set_french(texts) for key, texts in entries.items()}
