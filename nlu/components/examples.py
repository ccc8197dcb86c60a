"""What our components learn from: the words of each example, worked out once however many of them ask."""

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.text import normalise, words

_WORDS = "words"


def words_of(example: Message) -> list[str]:
    """The words of an example in normal form."""
    known: list[str] | None = example.get(_WORDS)
    if known is None:
        known = words(normalise(example.get(TEXT) or ""))
        example.set(_WORDS, known)
    return known


def writing_of(example: Message) -> str | None:
    """The way an example is written, as the importer noted it."""
    return ((example.get("metadata") or {}).get("example") or {}).get("writing")
