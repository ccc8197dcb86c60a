"""Free text loses its numbers before it is kept: card, passport and phone numbers are not ours to store."""

import re

#: Five or more digits, also when broken by spaces, dots or hyphens, with the letters that card numbers begin with.
_LONG_NUMBER = re.compile(r"(?<![\w])(?:[A-Za-z]{1,3}(?=\d)|[A-Z]{1,3}[ -])?\+?\d(?:[ .\-/]?\d){4,}(?!\w)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")

_PLACEHOLDER = "•••"


def redact(text: str) -> str:
    """The text with long numbers and e-mail addresses replaced by a mark; years, amounts and ages stay."""
    return _LONG_NUMBER.sub(_PLACEHOLDER, _EMAIL.sub(_PLACEHOLDER, text))
