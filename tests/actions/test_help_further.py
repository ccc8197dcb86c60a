"""Who helps further: named with the facets after which a person looks for somebody, the nearest if the place is known."""

import re

import pytest

from actions.answer import ActionAnswer
from actions.partners import help_further, partners_near, telephone
from bot.languages import ANSWER_LANGUAGES
from knowledge.library import load_library
from knowledge.telephones import numbers_in, read_telephones
from tests.fixtures.trackers import run, tracker

LIBRARY = load_library()


def texts(messages):
    return [message["text"] for message in messages if message.get("text")]


@pytest.mark.parametrize("language", ANSWER_LANGUAGES)
def test_partners_are_named_after_where_and_appeal_only(language):
    article = LIBRARY.article("refugee-rights-duties")
    further = help_further(LIBRARY, article, None, language)
    assert LIBRARY.partner_names(article, language)[0] in further
    shown = {
        facet: further in texts(run(ActionAnswer(), tracker("", "follow_up", entities, language=language))[1])
        for facet in ("where", "appeal", "source", "who")
        for entities in [[("article", article.id), ("facet", facet)]]
    }
    assert shown == {"where": True, "appeal": True, "source": True, "who": False}


def test_the_nearest_is_told_where_the_place_is_known():
    article = LIBRARY.article("refugee-rights-duties")
    near_nador = help_further(LIBRARY, article, LIBRARY.places["nador"], "en")
    near_rabat = help_further(LIBRARY, article, LIBRARY.places["rabat"], "en")
    assert "Nador" in near_nador
    assert near_nador != near_rabat


def test_far_from_all_of_them_nobody_is_called_near():
    article = LIBRARY.article("refugee-rights-duties")
    assert "nearest" not in help_further(LIBRARY, article, LIBRARY.places["dakhla"], "en")


def test_a_missing_facet_names_who_can_tell():
    understood = {"facet": "appeal", "articles": []}
    message = tracker("et si refus", "follow_up", understanding=understood, article="minimum-wage", language="fr")
    assert any("inspection du travail" in text for text in texts(run(ActionAnswer(), message)[1]))


@pytest.mark.parametrize("language", ANSWER_LANGUAGES)
def test_a_number_is_given_only_if_it_may_be_and_says_how_old_it_is(language):
    known = read_telephones()
    for cell in LIBRARY.cells.values():
        said = telephone(cell, language)
        for number in numbers_in(said):
            assert known[number].is_given
            year = re.match(r"\d{4}", known[number].seen)
            assert year is None or year[0] in said
        assert not said or "(" in said


def test_help_further_is_short_enough_for_a_phone():
    for article in LIBRARY.articles.values():
        for language in ANSWER_LANGUAGES:
            assert len(help_further(LIBRARY, article, LIBRARY.places["oujda"], language)) <= 360


def test_partners_near_a_place_have_a_line_each():
    lines = partners_near(LIBRARY.places["casablanca"], "fr").splitlines()
    assert 1 <= len(lines) <= 3
    assert all(line.startswith("- ") for line in lines)
