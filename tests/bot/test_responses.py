"""What the bot says: every response in three languages, with the same buttons and the same values to fill in."""

import re
from pathlib import Path

import pytest

from bot.data_files import read_yaml

DOMAIN = Path(__file__).resolve().parents[2] / "bot" / "domain"
RESPONSES = {
    name: variations
    for path in sorted(DOMAIN.glob("*.yml"))
    for name, variations in (read_yaml(path).get("responses") or {}).items()
}


def language_of(variation):
    return next((condition["value"] for condition in variation.get("condition", ())), "en")


@pytest.mark.parametrize("name", RESPONSES)
def test_a_response_has_arabic_french_and_a_default_in_english(name):
    variations = RESPONSES[name]
    assert [language_of(variation) for variation in variations] == ["ar", "fr", "en"]
    assert "condition" not in variations[-1]
    assert all("channel" not in variation for variation in variations)


@pytest.mark.parametrize("name", RESPONSES)
def test_the_languages_of_a_response_offer_the_same(name):
    variations = RESPONSES[name]
    payloads = [[button["payload"] for button in variation.get("buttons", ())] for variation in variations]
    values = [sorted(set(re.findall(r"\{(\w+)\}", variation["text"]))) for variation in variations]
    customs = [variation.get("custom") for variation in variations]
    assert payloads[0] == payloads[1] == payloads[2]
    assert values[0] == values[1] == values[2]
    assert customs[0] == customs[1] == customs[2]


@pytest.mark.parametrize("name", RESPONSES)
def test_arabic_is_arabic_with_its_own_punctuation(name):
    text = RESPONSES[name][0]["text"]
    assert re.search(r"[\u0600-\u06ff]", text)
    assert not re.search(r"[\u0600-\u06ff]\s*[,;?]", text)


@pytest.mark.parametrize("name", [name for name in RESPONSES if name.startswith("utter_urgent_")])
def test_danger_gets_a_telephone_number_or_a_human_in_every_language(name):
    for variation in RESPONSES[name]:
        assert re.search(r"\b\d{2,4}\b", variation["text"]) or variation.get("buttons")


def test_button_titles_fit_every_channel():
    titles = [
        button["title"]
        for variations in RESPONSES.values()
        for variation in variations
        for button in variation.get("buttons", ())
    ]
    assert [title for title in titles if len(title) > 24] == []
