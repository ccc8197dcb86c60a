"""An article that rests on a fact a lawyer should read says so to its editors."""

import dataclasses
from datetime import date

import pytest

from knowledge.checks import check_article
from knowledge.lawyer import facts_for_a_lawyer
from knowledge.library import ContentInvalid, load_library

LIBRARY = load_library()
TODAY = date(2026, 11, 28)
FACTS = sorted(facts_for_a_lawyer())


def test_the_ten_points_are_there():
    assert len(FACTS) == 22
    assert {"RES-31", "PRO-12", "RES-56", "WRK-26", "WRK-35", "WRK-07", "PRO-09", "RES-45", "HEA-25", "PRO-21"} <= set(
        FACTS
    )


@pytest.mark.parametrize("fact", FACTS)
def test_every_article_on_the_fact_is_marked_for_a_lawyer(fact):
    resting = [article for article in LIBRARY.articles.values() if fact in article.facts]
    assert resting
    for article in resting:
        assert (fact, "lawyer") in [(mark.fact, mark.kind) for mark in article.verify], article.id


def test_a_mark_taken_away_is_a_finding(library):
    article = library.article("residence-card-refused")
    bare = dataclasses.replace(article, verify=())
    found = [finding.what for finding in check_article(bare, library, TODAY)]
    assert any("RES-31, which a lawyer should read" in what for what in found)


def test_a_broken_list_is_said_to_be_broken(tmp_path):
    path = tmp_path / "lawyer.yml"
    path.write_text("points: [{ask: what}]", encoding="utf-8")
    with pytest.raises(ContentInvalid):
        facts_for_a_lawyer(path)
