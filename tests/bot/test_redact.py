import pytest

from bot.redact import redact


@pytest.mark.parametrize(
    "text",
    ["+212 666 04 56 06", "0612345678", "AB1234567", "passport A 12345678", "me@example.org", "12.34.56.78.90"],
)
def test_numbers_that_identify_are_removed(text):
    redacted = redact(f"my number is {text} please")
    assert not any(character.isdigit() for character in redacted)
    assert "@" not in redacted
    assert redacted.startswith("my number is ")
    assert redacted.endswith(" please")


@pytest.mark.parametrize("text", ["3 mois", "in 2014", "1500 dirhams", "loi 02-03", "90 jours", "7it ma3ndich 3 wra9"])
def test_years_amounts_and_arabizi_stay(text):
    assert redact(text) == text
