import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.text import clean, has_letters, normalise, script_of, skeleton


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("بِطَاقَةُ الإِقَامَة", "بطاقه الاقامه"),
        ("Où ÇA coûte ?", "ou ca coute"),
        ("بزااااف", "بزاف"),
        ("jaaamais", "jamais"),
        ("٣ أشهر", "3 اشهر"),
        ("l'carta d’séjour", "l carta d sejour"),
        ("\u202eevil\u202c\u0000", "evil"),
        ("ڭيشي", "كيشي"),
        ("", ""),
    ],
)
def test_one_normal_form(text, normal):
    assert normalise(text) == normal


@given(st.text())
def test_normalising_twice_changes_nothing_and_never_fails(text):
    once = normalise(text)
    assert normalise(once) == once


@given(st.text())
def test_cleaning_removes_what_cannot_be_seen(text):
    assert not any(character in clean(text) for character in "\u202e\u200b\u2066\u0000\ufeff")


@pytest.mark.parametrize(
    ("arabic", "latin"), [("كيفاش", "kifach"), ("كارط", "carte"), ("سيجور", "séjour"), ("خدمة", "khdma")]
)
def test_consonants_are_the_same_in_both_scripts(arabic, latin):
    assert skeleton(normalise(arabic)) == skeleton(normalise(latin))


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("مرحبا", "Arab"),
        ("bonjour", "Latn"),
        ("أريد carte", "Arab"),
        ("123", "Latn"),
        ("3afak بغيت", "Arab"),
        ("je vais à la محطة demain matin", "Latn"),
    ],
)
def test_the_script_of_most_letters(text, script):
    assert script_of(text) == script


@pytest.mark.parametrize(("text", "has"), [("😀😀", False), ("…؟!", False), ("3", True), ("و", True)])
def test_letters_or_nothing_to_understand(text, has):
    assert has_letters(text) is has
