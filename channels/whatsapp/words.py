"""The words of the WhatsApp channel."""

from pathlib import Path

from bot.words import Words, load_words

_FILE = Path(__file__).resolve().parent / "words.yml"


def whatsapp_words(language: str) -> Words:
    """The words of the channel in a language."""
    return load_words(_FILE, language or "fr")
