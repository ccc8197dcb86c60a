"""French punctuation stays with its word on a narrow screen, in everything that people read."""

import re

import pytest

from bot.generator import set_french_responses
from bot.typography import keep_together
from bot.words import load_words
from channels.desk.answers import default_canned
from channels.staff.catalogue import staff_words
from tests.bot.test_words import WORD_FILES

BREAKS = re.compile(r" [:;?!»]|« ")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Où ? Écrivez « oui » : c'est tout !", "Où\u00a0? Écrivez «\u00a0oui\u00a0»\u00a0: c'est tout\u00a0!"),
        ("https://casa.ma:8000/?a=b", "https://casa.ma:8000/?a=b"),
        ("de 9:00 à 15:00, sans espace", "de 9:00 à 15:00, sans espace"),
    ],
)
def test_spaces_around_french_punctuation_do_not_break(typed, expected):
    assert keep_together(typed) == expected
    assert keep_together(expected) == expected


def test_the_french_of_the_library_is_set(library):
    for article in library.articles.values():
        texts = [article.title, article.label, *(source.title for source in article.sources)]
        texts += [condition.label for condition in article.conditions]
        french = [text["fr"] for text in texts] + [
            *article.facets["fr"].values(),
            *article.variants["fr"].values(),
        ]
        assert [text for text in french if BREAKS.search(text)] == [], article.id
    named = [*library.cells.values(), *library.kinds.values(), *library.glossary.values()]
    assert [item.id for item in named if BREAKS.search(item.name["fr"])] == []


def test_only_french_is_set(library):
    article = library.article("renew-residence-card")
    assert "\u00a0" not in "".join(article.facets["en"].values())


@pytest.mark.parametrize("path", WORD_FILES, ids=lambda path: path.parent.name)
def test_the_french_of_the_pages_and_labels_is_set(path):
    assert [text for text in load_words(path, "fr").values() if BREAKS.search(text)] == []


def test_the_french_of_the_desk_is_set():
    texts = [*staff_words("fr").values(), *(reply.text["fr"] for reply in default_canned())]
    assert [text for text in texts if BREAKS.search(text)] == []


def test_the_french_of_responses_is_set_with_its_buttons():
    condition = [{"type": "slot", "name": "language", "value": "fr"}]
    responses = {
        "utter_x": [{"condition": condition, "text": "Quoi ?", "buttons": [{"title": "Où ?"}]}, {"text": "a : b"}]
    }
    set_french_responses(responses)
    french, english = responses["utter_x"]
    assert (french["text"], french["buttons"][0]["title"]) == ("Quoi\u00a0?", "Où\u00a0?")
    assert english["text"] == "a : b"
