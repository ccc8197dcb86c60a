"""The glossary: official terms in three languages, each with where it comes from."""

import dataclasses
import shutil
from datetime import date

import pytest

from knowledge.checks import check_library, check_term
from knowledge.library import KNOWLEDGE_ROOT, ContentInvalid, load_library

LIBRARY = load_library()
TOPICS = {article.topic for article in LIBRARY.articles.values()}


@pytest.mark.parametrize("term", LIBRARY.glossary.values(), ids=lambda term: term.id)
def test_the_term_is_in_order(term):
    assert check_term(term, LIBRARY) == []


def test_every_topic_has_its_terms():
    assert {term.topic for term in LIBRARY.glossary.values()} == TOPICS


def test_the_terms_people_meet_first_are_there(library):
    names = {name for term in library.glossary.values() for name in term.name.values()}
    assert {"récépissé", "وصل إيداع الطلب", "foreigners' service", "garde à vue", "ورقة الأداء"} <= names


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": {"ar": "تأشيرة", "fr": "visa"}}, "has no name in en"),
        ({"explanation": {"ar": "ورقة.", "fr": "Un papier."}}, "not in en"),
        ({"explanation": {"ar": "ورقة, مهمة", "fr": "Un papier.", "en": "A paper."}}, "Latin punctuation"),
        ({"explanation": {"ar": "ورقة", "fr": "Un papier.", "en": "x" * 500}}, "500 characters"),
        ({"facts": (), "source": ""}, "neither a fact nor a source"),
        ({"articles": ("no-such-article",)}, "unknown article"),
    ],
)
def test_a_term_that_is_not_in_order_is_a_finding(library, change, expected):
    term = dataclasses.replace(library.glossary["visa"], **change)
    assert expected in "\n".join(finding.what for finding in check_term(term, library))


def test_what_is_said_for_two_terms_is_a_finding(library):
    twice = dataclasses.replace(library.glossary["visa"], said=("lakart sejour",))
    glossary = {**library.glossary, "visa": twice}
    findings = check_library(dataclasses.replace(library, glossary=glossary), today=date(2026, 11, 28))
    assert any("is said for" in finding.what for finding in findings)


def test_a_term_stands_in_one_topic_only(tmp_path):
    root = tmp_path / "knowledge"
    for folder in ("glossary", "cells", "places"):
        shutil.copytree(KNOWLEDGE_ROOT / folder, root / folder)
    (root / "glossary" / "copy.yml").write_text((root / "glossary" / "family.yml").read_text(encoding="utf-8"))
    with pytest.raises(ContentInvalid, match="stands in copy and family"):
        load_library(root)
