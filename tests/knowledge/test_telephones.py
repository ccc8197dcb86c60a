"""Only numbers that a source prints are given, each with its date; withheld ones stand nowhere."""

import dataclasses
import re
from datetime import date
from pathlib import Path

import pytest

from knowledge.checks import check_article, check_library
from knowledge.library import load_library
from knowledge.telephones import normal_form, not_to_be_given, numbers_in, read_telephones

LIBRARY = load_library()
TODAY = date(2026, 11, 28)
ROOT = Path(__file__).resolve().parents[2]
_SHORT = 5
_DATE = re.compile(r"undated|(c\. )?\d{4}(-\d{2}(-\d{2})?)?")


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("05 37 54 54 00", "+212537545400"),
        ("+212 5 37 54 54 00", "+212537545400"),
        ("00212537545400", "+212537545400"),
        ("0800 00 47 47", "+212800004747"),
        ("0611 244 164", "+212611244164"),
    ],
)
def test_one_number_has_one_form(written, normal):
    assert normal_form(written) == normal
    assert list(numbers_in(f"Call {written}, day and night.")) == [normal]


@pytest.mark.parametrize(
    "text", ["5 000 000 dirhams", "law 02-03", "2021-2025", "9.3264284", "1234567890123", "call 19"]
)
def test_other_numbers_are_not_telephones(text):
    assert list(numbers_in(text)) == []


def test_every_number_has_its_date_and_fact():
    for telephone in read_telephones().values():
        assert _DATE.fullmatch(telephone.seen), telephone
        assert re.fullmatch(r"(ASY|EME|HEA|PRO|RET|SOC)-\d\d", telephone.fact), telephone
        assert telephone.whose
        assert telephone.pages >= 1


def test_what_is_withheld_says_why():
    assert all(telephone.note for telephone in read_telephones().values() if not telephone.is_given)


def test_lines_of_2002_2017_and_2021_and_the_press_contact_are_withheld():
    old = [telephone for telephone in read_telephones().values() if re.search(r"2002|2017|2021", telephone.seen)]
    assert len(old) > 10
    assert not any(telephone.is_given for telephone in old)
    assert not read_telephones()["+212611244164"].is_given


@pytest.mark.parametrize(
    ("number", "expected"), [("0611 244 164", "withheld"), ("0699 99 99 99", "not in telephones.yml")]
)
def test_a_number_that_may_not_be_given_is_a_finding(library, number, expected):
    article = library.article("prim-programme")
    facets = {**article.facets, "en": {**article.facets["en"], "where": f"Call {number}."}}
    found = [finding.what for finding in check_article(dataclasses.replace(article, facets=facets), library, TODAY)]
    assert any(expected in what for what in found)


def test_a_cell_may_not_give_one_either(library):
    cell = dataclasses.replace(library.cells["prim-contact-oriental"], phones=("0611244164",))
    cells = {**library.cells, cell.id: cell}
    findings = check_library(dataclasses.replace(library, cells=cells), today=TODAY)
    assert any("withheld" in finding.what for finding in findings)


def test_what_the_assistant_says_gives_only_known_numbers():
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "bot" / "domain").glob("*.yml")]
    assert [what for text in texts for what in not_to_be_given(text)] == []


def test_the_short_numbers_stand_in_the_article_on_emergencies():
    article = LIBRARY.article("emergency-numbers")
    words = " ".join(article.facets["en"].values())
    urgent = [number for number in read_telephones() if len(number) < _SHORT and number != "3939"]
    assert [number for number in urgent if not re.search(rf"\b{number}\b", words)] == []
