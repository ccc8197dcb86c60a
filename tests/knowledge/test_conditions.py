"""Situations in words (knowledge/situations/*.yml) get the answer that the law gives them."""

from pathlib import Path

import pytest

from bot.data_files import read_yaml
from knowledge.conditions import fitting_condition, is_worth_asking
from knowledge.library import load_library
from knowledge.model import STATUSES

FILES = sorted((Path(__file__).resolve().parents[2] / "knowledge" / "situations").glob("*.yml"))
CASES = [
    pytest.param(data["article"], case["person"], case["condition"], id=f"{data['article']}: {case['name']}")
    for data in (read_yaml(path) for path in FILES)
    for case in data["situations"]
]


@pytest.mark.parametrize(("article_id", "person", "expected"), CASES)
def test_the_situation_gets_its_answer(library, article_id, person, expected):
    condition = fitting_condition(library.article(article_id), person)
    assert (condition.id if condition else None) == expected


def test_a_situation_is_asked_for_only_where_it_matters(library):
    assert is_worth_asking(library.article("anapec-exemptions"), {})
    assert not is_worth_asking(library.article("minimum-wage"), {})


def test_every_article_with_conditions_has_its_situations():
    expected = {}
    for case in CASES:
        article_id, _, condition = case.values
        expected.setdefault(article_id, set()).add(condition)
    for article in load_library().articles.values():
        if article.conditions:
            # Each condition is reached by somebody, and somebody gets the answer for everybody else.
            assert expected[article.id] == {None, *(condition.id for condition in article.conditions)}, article.id


def test_people_in_situations_are_described_in_the_words_of_the_model():
    for case in CASES:
        _, person, _ = case.values
        assert set(person) <= {"nationality", "status"}
        assert person.get("status", STATUSES[0]) in STATUSES
        assert len(person.get("nationality", "ma")) == 2
