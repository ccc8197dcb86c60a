"""Situations in words (knowledge/situations/*.yml) get the answer that the law gives them."""

from pathlib import Path

import pytest
import yaml

from knowledge.conditions import fitting_condition, is_worth_asking

FILES = sorted((Path(__file__).resolve().parents[2] / "knowledge" / "situations").glob("*.yml"))
CASES = [
    pytest.param(data["article"], case["person"], case["condition"], id=f"{data['article']}: {case['name']}")
    for data in (yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES)
    for case in data["situations"]
]


@pytest.mark.parametrize(("article_id", "person", "expected"), CASES)
def test_the_situation_gets_its_answer(library, article_id, person, expected):
    condition = fitting_condition(library.article(article_id), person)
    assert (condition.id if condition else None) == expected


def test_a_situation_is_asked_for_only_where_it_matters(library):
    assert is_worth_asking(library.article("anapec-exemptions"), {})
    assert not is_worth_asking(library.article("minimum-wage"), {})
