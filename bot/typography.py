"""French as it is set: no line begins with : ; ? ! » and none ends with «. Applied once, where texts are loaded."""

import re
from collections.abc import Mapping

NO_BREAK_SPACE = "\u00a0"

_BEFORE = re.compile(r" (?=[:;?!»%])")
_AFTER = re.compile(r"(?<=«) ")


def keep_together(french: str) -> str:
    """French text whose spaces before and inside punctuation do not break; it has as many characters as before."""
    return _AFTER.sub(NO_BREAK_SPACE, _BEFORE.sub(NO_BREAK_SPACE, french))


def set_french(texts: Mapping[str, str]) -> dict[str, str]:
    """Texts by language, the French one set."""
    return {language: keep_together(text) if language == "fr" else text for language, text in texts.items()}
