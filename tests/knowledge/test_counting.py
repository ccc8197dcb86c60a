"""A parameter and the Arabic noun beside it agree, whatever the value."""

from datetime import date

import pytest

from knowledge.counting import counted


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("خلال {{x}} شهر من العقد", 1, "خلال شهر واحد من العقد"),
        ("مدتها {{x}} سنة.", 1, "مدتها سنة واحدة."),
        ("خلال {{x}} من الأشهر بعد", 2, "خلال شهرين بعد"),
        ("الأجل هو {{x}} من السنوات", 2, "الأجل هو سنتان"),
        ("لا يفوق {{x}} من أشهر الكراء", 2, "لا يفوق شهرين من الكراء"),
        ("لا يفوق {{x}} من أشهر الكراء", 3, "لا يفوق 3 أشهر من الكراء"),
        ("خلال {{x}} أسابيع", 4, "خلال 4 أسابيع"),
    ],
)
def test_up_to_ten_the_noun_follows_the_number(text, value, expected):
    assert counted(text, {"x": float(value)}) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [("{{x}} يوم عمل", 18), ("{{x}} يوما", 90), ("{{x}} يوم عن كل شهر", 1.5), ("{{x}} درهما", 2), ("{{x}} سنويا", 2)],
)
def test_what_is_larger_or_no_such_noun_stays_as_written(text, value):
    assert counted(text, {"x": float(value)}) == text


def test_arabic_answers_say_one_and_two_in_words(library):
    text = library.text(library.article("rent-home"), "answer", language="ar", on=date(2026, 11, 28))
    assert "شهرين" in text
