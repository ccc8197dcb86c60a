"""The meaning of official terms: found as people ask for them, shown in three languages, never in place of an article."""

import pytest

from actions.answer import ActionAnswer
from actions.fallback import ActionFallback
from actions.glossary import find_asked_term
from bot.languages import ANSWER_LANGUAGES
from knowledge.library import load_library
from tests.fixtures.trackers import responses, run, tracker

LIBRARY = load_library()
QUESTIONS = [
    (article.id, question)
    for article in LIBRARY.articles.values()
    for questions in article.questions.values()
    for question in questions
]

#: Of the questions that belong to an article, so few may be taken for the meaning of a term.
MOST_TAKEN = 0.005


def test_hardly_any_question_of_an_article_asks_for_a_term():
    taken = [(article, found.term) for article, question in QUESTIONS if (found := find_asked_term(question))]
    assert len(taken) / len(QUESTIONS) < MOST_TAKEN
    assert [(article, term.id) for article, term in taken if article not in term.articles] == []


@pytest.mark.parametrize("term", LIBRARY.glossary.values(), ids=lambda term: term.id)
def test_every_term_is_found_by_its_name_in_each_language(term):
    frames = {"ar": "ما معنى {}؟", "fr": "ça veut dire quoi {} ?", "en": "what does {} mean?"}
    for language in ANSWER_LANGUAGES:
        name = term.name[language]
        found = find_asked_term(frames[language].format(name))
        assert found is not None
        assert found.term is term or name in found.term.said


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("what is a récépissé?", "residence-receipt"),
        ("شنو هو الروسيبيسي", "residence-receipt"),
        ("chno hiya lakart sejour", "residence-titles"),
        ("c'est quoi l'ANAPEC", "anapec"),
        ("شنو هي لانابيك", "anapec"),
        ("what is UNHCR", "unhcr"),
        ("ما هي المفوضية", "unhcr"),
    ],
)
def test_terms_are_found_as_people_say_them(text, term):
    assert find_asked_term(text).term.id == term


@pytest.mark.parametrize("text", ["what does OFPRA mean", "c'est quoi", "ما معنى الحب", "what is the minimum wage"])
def test_what_is_no_term_is_not_found(text):
    assert find_asked_term(text) is None


@pytest.mark.parametrize("language", ANSWER_LANGUAGES)
def test_a_meaning_is_shown_in_three_languages_with_its_source_and_articles(language):
    understood = {"decision": "answer", "articles": [["anapec-certificate", 0.9]]}
    events, messages = run(
        ActionAnswer(), tracker("what does ANAPEC mean", understanding=understood, language=language)
    )
    names = LIBRARY.glossary["anapec"].name
    assert all(name in messages[0]["text"] for name in names.values())
    assert "utter_source" in responses(messages)
    assert messages[-1]["buttons"][0]["payload"] == '/ask{"article": "find-a-job-anapec"}'
    assert "article" not in events


def test_what_a_thing_is_comes_with_the_article_that_answers():
    understood = {"decision": "answer", "articles": [["residence-receipt", 0.9]]}
    events, messages = run(ActionAnswer(), tracker("c'est quoi un récépissé", understanding=understood, language="fr"))
    assert "وصل إيداع الطلب" in messages[0]["text"]
    assert events["article"] == "residence-receipt"


def test_a_term_is_explained_where_nothing_else_was_understood():
    for intent in ("nlu_fallback", "out_of_scope"):
        events, messages = run(ActionFallback(), tracker("what is a stay of execution", intent, language="en"))
        assert "sursis à exécution" in messages[0]["text"]
        assert events["outcome"] == "other"


def test_what_is_out_of_scope_gets_its_limit():
    _, messages = run(ActionFallback(), tracker("who won the match", "out_of_scope", language="en"))
    assert responses(messages) == ["utter_out_of_scope"]
