import re
from pathlib import Path

import pytest

from bot.data_files import read_yaml
from nlu.concepts import LEXICON_ROOT, Lexicon, read_lexicon

CONCEPTS = [(path.name, concept) for path in sorted(Path(LEXICON_ROOT).glob("*.yml")) for concept in read_yaml(path)]


def test_every_concept_has_an_id_of_its_own_and_words_in_every_language():
    ids = [concept["id"] for _, concept in CONCEPTS]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in ids)
    assert [c["id"] for _, c in CONCEPTS if not all(c.get(language) for language in ("ar", "fr", "en", "ary"))] == []


def test_the_longest_term_wins():
    lexicon = Lexicon({("carte",): ("card",), ("carte", "de", "sejour"): ("residence-card",)})
    assert lexicon.concepts_in(["ma", "carte", "de", "sejour"]) == ["residence-card"]
    assert lexicon.concepts_in(["ma", "carte"]) == ["card"]


@pytest.fixture(scope="module")
def lexicon():
    return read_lexicon()


@pytest.mark.parametrize("text", ["بطاقه الاقامه", "carte de sejour", "residence card", "كارط سيجور"])
def test_the_residence_card_is_one_concept_in_every_language(lexicon, text):
    assert "residence-card" in lexicon.concepts_in(text.split())
