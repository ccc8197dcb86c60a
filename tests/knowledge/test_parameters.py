from datetime import date

import pytest

from knowledge.library import format_number, keep_numbers_in_order
from knowledge.model import Parameter

WAGE = Parameter(
    id="wage",
    topic="work",
    description="",
    unit="MAD/hour",
    reference="",
    url="",
    fact="",
    certainty="sourced",
    values={date(2025, 1, 1): 17.10, date(2026, 1, 1): 17.92},
)


@pytest.mark.parametrize(
    ("day", "value"),
    [(date(2024, 6, 1), 17.10), (date(2025, 12, 31), 17.10), (date(2026, 1, 1), 17.92), (date(2030, 1, 1), 17.92)],
)
def test_the_value_in_force_on_a_day(day, value):
    assert WAGE.value_on(day) == value


def test_a_text_says_the_wage_of_its_day_and_of_an_older_day(library):
    article = library.article("minimum-wage")
    before = library.text(article, "answer", language="en", on=date(2025, 6, 1))
    after = library.text(article, "answer", language="en", on=date(2026, 11, 23))
    assert "17.10" in before
    assert "17.92" in after
    assert "17.10" in library.text(article, "deadline", language="en", on=date(2026, 11, 23))


@pytest.mark.parametrize(
    ("value", "language", "text"),
    [(3422.72, "en", "3,422.72"), (3422.72, "fr", "3\u202f422,72"), (3422.72, "ar", "3422,72"), (15.0, "ar", "15")],
)
def test_numbers_are_written_as_each_language_writes_them(value, language, text):
    assert format_number(value, language, is_money=True) == text


def test_only_money_has_empty_decimals():
    assert format_number(1.5, "en") == "1.5"
    assert format_number(17.1, "fr", is_money=True) == "17,10"


def test_arabic_telephone_numbers_keep_their_order():
    assert (
        keep_numbers_in_order("اتصل 0800 00 47 47 أو +212 5 37")
        == "اتصل 0800\u00a000\u00a047\u00a047 أو \u200e+212\u00a05\u00a037"
    )
    assert keep_numbers_in_order("\u200e+212") == "\u200e+212"
