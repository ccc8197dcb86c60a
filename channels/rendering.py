"""What the rendering of all channels shares: how long a text is to a provider, and in which direction it reads."""

import unicodedata

from nlu.text import script_of

_RIGHT_TO_LEFT_MARK = "\u200f"
_ELLIPSIS = "\u2026"

#: The letters of GSM 03.38, which providers of short messages count as one each.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)


def utf16_length(text: str) -> int:
    """The length as most message services count it: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def twilio_length(text: str) -> int:
    """The length as Twilio may count it at worst: a letter outside GSM 03.38 counts its bytes, an Arabic one two."""
    return sum(1 if letter in _GSM else len(letter.encode()) for letter in text)


def mark_direction(text: str) -> str:
    """An Arabic text in which every line reads from the right, also one that begins with a number or a Latin word."""
    if script_of(text) != "Arab":
        return text
    return "\n".join(
        line if _first_direction(line) in ("R", "AL", "") else _RIGHT_TO_LEFT_MARK + line for line in text.split("\n")
    )


def shorten(text: str, limit: int) -> str:
    """A text that fits, cut at a word if it must be cut."""
    if utf16_length(text) <= limit:
        return text
    cut = text[: limit - 1]
    while utf16_length(cut) > limit - 1:
        cut = cut[:-1]
    at = cut.rfind(" ")
    return (cut[:at] if at > limit // 2 else cut).rstrip() + _ELLIPSIS


def _first_direction(line: str) -> str:
    for letter in line:
        direction = unicodedata.bidirectional(letter)
        if direction in ("L", "R", "AL", "EN", "AN"):
            return direction
    return ""
