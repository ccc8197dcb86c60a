from pathlib import Path

import pytest

from bot.data_files import read_yaml

ROOT = Path(__file__).resolve().parents[2]
WORD_FILES = sorted([*ROOT.glob("channels/*/words.yml"), ROOT / "bot" / "labels.yml"])


@pytest.mark.parametrize("path", WORD_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_word_exists_in_three_languages_with_the_same_places_to_fill(path):
    for key, texts in read_yaml(path).items():
        assert set(texts) == {"ar", "fr", "en"}, key
        assert all(isinstance(text, str) and text.strip() for text in texts.values()), key
        places = {
            language: sorted(part.split("}")[0] for part in text.split("{")[1:]) for language, text in texts.items()
        }
        assert places["ar"] == places["fr"] == places["en"], key
