"""The words of the staff pages: the same ids in three languages, none missing, none empty, every one that is used is there."""

import re
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from channels.staff.catalogue import LOCALE_ROOT, staff_words

CHANNELS = Path(__file__).resolve().parents[3] / "channels"
LANGUAGES = ("ar", "fr", "en")


def catalog(language):
    with (LOCALE_ROOT / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def texts(message):
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def places(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


def test_the_languages_have_the_same_words():
    ids = [[str(message.id) for message in catalog(language) if message.id] for language in LANGUAGES]
    assert ids[0] == ids[1] == ids[2]
    assert len(ids[0]) == len(set(ids[0]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_missing_or_marked_as_doubtful(language):
    empty = [message.id for message in catalog(language) if message.id and not all(texts(message))]
    assert empty == []
    assert [message.id for message in catalog(language) if message.id and message.fuzzy] == []


def test_every_language_fills_the_same_places():
    for key in staff_words("en"):
        found = {language: places(staff_words(language)[key]) for language in LANGUAGES}
        if found["en"] != ["n"] and found["ar"] != ["n"]:
            assert found["ar"] == found["fr"] == found["en"], key


def test_arabic_is_written_with_its_own_punctuation():
    for message in catalog("ar"):
        for text in texts(message) if message.id else ():
            assert not re.search(r"[\u0600-\u06ff]\s*[,;?]", text), message.id


def test_every_word_that_is_used_is_there():
    known, used = set(staff_words("en")), set()
    for path in [*CHANNELS.glob("*/templates/*.html"), *CHANNELS.glob("desk/*.py"), *CHANNELS.glob("staff/*.py")]:
        text = path.read_text(encoding="utf-8")
        used |= set(re.findall(r'words\["(\w+)"\]', text))
        used |= set(re.findall(r'words\.(?:format|count)\("(\w+)"', text))
        used |= set(re.findall(r'"((?:error|done)_\w+)"', text))
        if path.suffix == ".html":
            used |= set(re.findall(r"words\.(\w+)", text)) - {"format", "count"}
    assert used - known == set()


def test_no_word_is_hidden_behind_a_method_of_the_catalogue():
    """Templates say ``words.key``: a key that is also an attribute would show that instead."""
    words = staff_words("en")
    assert [key for key in words if hasattr(words, key)] == []


def test_every_word_that_is_put_together_is_there(library):
    from bot.cases.repository import VIEWS
    from bot.cases.staff import ROLES
    from channels.desk.case_pages import DANGERS
    from channels.desk.pages import _SHOWN
    from knowledge.model import STATUSES

    words = staff_words("ar")
    needed = [f"view_{name}" for name in VIEWS] + [f"role_{name}" for name in ROLES]
    needed += [f"danger_{name}" for name in DANGERS] + [f"is_{name}" for name in STATUSES]
    needed += [f"topic_{article.topic}" for article in library.articles.values()]
    needed += [f"event_{kind}" for kind in _SHOWN - {"noted"}]
    needed += [f"status_{name}" for name in ("pending", "open", "assigned", "closed")]
    flaws = ("not_accepting", "no_place", "no_hours", "topic", "closed", "language", "full", "farther", "opens_later")
    needed += [f"flaw_{name}" for name in flaws]
    needed += [f"given_up_{name}" for name in ("full", "language", "closed", "no_hours")]
    needed += [f"route_{name}" for name in ("urgent", "near", "province", "region", "partner", "remote")]
    for path in (CHANNELS / "staff").glob("*.py"):
        found = re.findall(r'add_audit\(\s*session,\s*[\w.]+,\s*"(\w+)"', path.read_text(encoding="utf-8"))
        needed += [f"audit_{name}" for name in found]
    assert [key for key in needed if key not in words] == []


@pytest.mark.parametrize(
    ("language", "number", "words"),
    [
        ("ar", 1, "طلب واحد"),
        ("ar", 2, "طلبان"),
        ("ar", 5, "5 طلبات"),
        ("ar", 30, "30 طلبا"),
        ("fr", 0, "0 demande "),
        ("en", 2, "2 cases"),
    ],
)
def test_numbers_have_the_plural_of_their_language(language, number, words):
    assert words in staff_words(language).count("figures_cases", number)
