"""Every content file obeys knowledge/checks.py: one test an article."""

import dataclasses

import pytest

from bot.clock import MOROCCO, utc_now
from knowledge.checks import check_article, check_library
from knowledge.library import load_library
from knowledge.model import FACET_OF_FOLLOW_UP, FACETS

LIBRARY = load_library()
TODAY = utc_now().astimezone(MOROCCO).date()

FIRST_LIGHT = """
    foreign-work-contract anapec-exemptions minimum-wage unpaid-wages health-centre-access medical-emergency
    pregnancy-care school-enrolment-right school-enrolment-papers apply-for-asylum reception-cells emergency-numbers
    gender-violence arrest-custody voluntary-return entry-requirements entry-refused electronic-visa ninety-day-stay
    extend-visit overstay residence-titles first-residence-card residence-receipt residence-card-fees
    renew-residence-card change-of-address lost-residence-card work-residence-card student-residence-card
    minor-circulation-document family-reunification long-term-residence-card residence-card-refused border-removal
    protected-from-removal regularisation
""".split()


@pytest.mark.parametrize("article", LIBRARY.articles.values(), ids=lambda article: article.id)
def test_the_article_is_in_order(article):
    # The review date has a check of its own below: an old article must not stop those who mend something else.
    findings = [
        finding.what for finding in check_article(article, LIBRARY, TODAY) if "review was due" not in finding.what
    ]
    assert findings == []


def test_the_knowledge_base_as_a_whole_is_in_order():
    findings = [finding for finding in check_library(LIBRARY, today=TODAY) if "review was due" not in finding.what]
    assert findings == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"facets": "answer only in English"}, "is not in both en and fr"),
        ({"related": ("no-such-article",)}, "unknown related article no-such-article"),
        ({"facts": ()}, "names no facts"),
        ({"facts": ("WRK-20",)}, "without its fact WRK-35"),
        ({"facts": ("WRK-20",)}, "a mark for editors names WRK-35"),
        ({"sources": ()}, "there is no source"),
        ({"sources": ()}, "without a source for it"),
    ],
)
def test_an_article_that_is_not_in_order_is_a_finding(library, change, expected):
    article = library.article("minimum-wage")
    if "facets" in change:
        change = {"facets": {**article.facets, "fr": {"answer": article.facets["fr"]["answer"]}}}
    findings = check_article(dataclasses.replace(article, **change), library, TODAY)
    assert expected in "\n".join(finding.what for finding in findings)


def test_the_articles_promised_first_are_there():
    assert [name for name in FIRST_LIGHT if name not in LIBRARY.articles] == []


def test_every_follow_up_has_a_facet_to_answer_it():
    assert set(FACET_OF_FOLLOW_UP.values()) <= set(FACETS)


def test_an_uncertain_sentence_is_marked_for_editors():
    old_or_open = [parameter.id for parameter in LIBRARY.parameters.values() if parameter.certainty != "sourced"]
    marked = {fact for article in LIBRARY.articles.values() for fact in (mark.fact for mark in article.verify)}
    assert [name for name in old_or_open if LIBRARY.parameters[name].fact not in marked] == []


def test_every_cell_and_place_of_the_dossier_is_there():
    assert len(LIBRARY.cells) == 42
    assert len(LIBRARY.places) == 210
    assert {cell.id for cell in LIBRARY.routable_cells} >= {
        "cell-oujda",
        "cell-nador",
        "cell-berkane",
        "cell-driouch",
        "cell-guercif",
        "cell-figuig",
        "baom-belfaa",
    }
    assert not any(cell.is_routable for cell in LIBRARY.cells.values() if cell.latitude is None)


def test_no_old_telephone_line_is_published():
    published = {phone for cell in LIBRARY.cells.values() for phone in cell.phones}
    assert "0611244164" not in published
    texts = " ".join(
        text for article in LIBRARY.articles.values() for texts in article.facets.values() for text in texts.values()
    )
    for old in ("0611244164", "0611 244 164", "0 810 025 25", "661823897"):
        assert old not in texts
