"""Each article names who helps further: a kind of cell or partner, or a single cell."""

import dataclasses
from datetime import date

import pytest

from bot.languages import ANSWER_LANGUAGES
from knowledge.checks import check_article
from knowledge.library import load_library

LIBRARY = load_library()
TODAY = date(2026, 11, 28)


@pytest.mark.parametrize("article", LIBRARY.articles.values(), ids=lambda article: article.id)
def test_somebody_helps_further(article):
    for language in ANSWER_LANGUAGES:
        names = LIBRARY.partner_names(article, language)
        assert names
        assert all(names)


def test_an_article_that_names_nobody_is_a_finding(library):
    article = library.article("minimum-wage")
    alone = check_article(dataclasses.replace(article, partners=()), library, TODAY)
    lost = check_article(dataclasses.replace(article, partners=("no-such-body",)), library, TODAY)
    assert "names nobody who helps further (partners)" in [finding.what for finding in alone]
    assert "unknown partner no-such-body" in [finding.what for finding in lost]


def test_the_cells_of_a_kind_are_found(library):
    cells = [cell.id for cell in library.partner_cells(library.article("refugee-rights-duties"))]
    assert cells[:2] == ["unhcr-rabat", "omdh-oujda"]
    assert len(cells) == len(set(cells))


def test_every_kind_is_of_use():
    named = {partner for article in LIBRARY.articles.values() for partner in article.partners}
    assert set(LIBRARY.kinds) <= named


def test_every_cell_with_a_known_place_is_of_one_kind():
    of_kinds = [cell for kind in LIBRARY.kinds.values() for cell in kind.cells]
    assert sorted(of_kinds) == sorted(cell.id for cell in LIBRARY.cells.values() if cell.latitude is not None)
