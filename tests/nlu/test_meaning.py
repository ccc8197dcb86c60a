"""Questions for a word, in all five ways of writing."""

import pytest

from nlu.meaning import asked_words


def words_of(text):
    return {(asked.word, asked.is_meaning) for asked in asked_words(text)}


@pytest.mark.parametrize(
    ("text", "word", "is_meaning"),
    [
        ("What does ANAPEC mean?", "anapec", True),
        ("what is a récépissé", "recepisse", False),
        ("ça veut dire quoi RAMED", "ramed", True),
        ("Qu'est-ce qu'un tribunal administratif ?", "tribunal administratif", False),
        ("ما معنى الطعن؟", "الطعن", True),
        ("ما هي المحكمة الإدارية", "المحكمه الاداريه", False),
        ("شنو كتعني CNSS", "cnss", True),
        ("شنو هي الكارط سيجور", "الكارط سيجور", False),
        ("ma3na dyal recepisse", "recepisse", True),
        ("garde à vue chno hiya", "garde a vue", False),
    ],
)
def test_the_word_that_is_asked_for(text, word, is_meaning):
    assert (word, is_meaning) in words_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "bonjour",
        "how do I renew my residence card",
        "my employer told me that I must first have what is called an ANAPEC paper before I can begin",
        "شكرا",
    ],
)
def test_anything_else_asks_for_no_word(text):
    assert asked_words(text) == []
