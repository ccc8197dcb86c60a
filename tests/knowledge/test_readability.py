"""The measures of knowledge/readability.py, and that checks.py holds every article to its limits."""

import dataclasses
from datetime import date

import pytest

from knowledge.checks import check_article
from knowledge.readability import measure, syllables

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("word", "language", "count"),
    [
        ("card", "en", 1),
        ("residence", "en", 3),
        ("wanted", "en", 2),
        ("asked", "en", 1),
        ("houses", "en", 2),
        ("table", "en", 2),
        ("the", "en", 1),
        ("carte", "fr", 1),
        ("récépissé", "fr", 4),
        ("demandent", "fr", 2),
        ("école", "fr", 2),
        ("eau", "fr", 1),
    ],
)
def test_syllables_are_groups_of_vowels_without_a_mute_ending(word, language, count):
    assert syllables(word, language) == count


@pytest.mark.parametrize(
    ("language", "easy", "hard"),
    [
        (
            "en",
            "Go to the office. Take your card. Ask for a receipt.",
            (
                "Notwithstanding administrative discretion, applicants demonstrating uninterrupted residence may "
                "exceptionally request regularisation."
            ),
        ),
        (
            "fr",
            "Allez au bureau. Prenez votre carte. Demandez un reçu.",
            (
                "Nonobstant le pouvoir discrétionnaire de l'administration, l'intéressé justifiant d'une résidence "
                "ininterrompue sollicite exceptionnellement sa régularisation."
            ),
        ),
    ],
)
def test_a_plain_text_is_easier_than_a_lawyers(language, easy, hard):
    assert measure(easy, language).score > 80
    assert measure(hard, language).score < 30


def test_arabic_is_measured_by_long_words_and_long_sentences():
    easy = measure("اذهب إلى المكتب. خذ معك البطاقة. اطلب وصلا.", "ar")
    hard = measure("الاستفادة من الاستثناءات المنصوص عليها تستوجب استيفاء المقتضيات المسطرية المعمول بها", "ar")
    assert easy.score < 0.1 < 0.5 < hard.score
    assert easy.longest_sentence < hard.longest_sentence


def test_vowel_marks_prefixes_and_brackets_do_not_make_arabic_harder():
    assert measure("والمدرسة", "ar").score == 0
    assert measure("سُلِّم", "ar") == measure("سلم", "ar")
    assert measure("الوصل (récépissé) مجاني", "ar").words == 2


def test_official_terms_in_brackets_do_not_count():
    assert measure("Ask for the receipt (récépissé, وصل الإيداع).", "en").words == 4


def test_a_list_is_read_line_by_line():
    assert measure("- your passport\n- two photos\n- the form", "en").longest_sentence == 2


def test_an_empty_text_has_no_score():
    assert measure("", "fr").words_per_sentence == 0
    assert measure("123", "fr").score == 0


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_a_text_that_is_hard_to_read_is_a_finding(library, language):
    article = library.article("minimum-wage")
    word = {"ar": "الاستثناءات ", "fr": "administrativement ", "en": "administratively "}[language]
    facets = {**article.facets, language: {**article.facets[language], "answer": word * 40}}
    before = {finding.what for finding in check_article(article, library, TODAY)}
    found = {finding.what for finding in check_article(dataclasses.replace(article, facets=facets), library, TODAY)}
    news = "\n".join(found - before)
    assert "a sentence of 40 words" in news
    assert "40 words per sentence on average" in news
    assert ("long words" if language == "ar" else "reading ease") in news
