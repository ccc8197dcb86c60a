"""Who is mentioned in a note: "@" and a user name of the cell."""

import re
from collections.abc import Mapping

_MENTION = re.compile(r"(?<![\w@])@([a-z0-9][a-z0-9._-]*)", re.IGNORECASE)


def mentioned_in(text: str, ids: Mapping[str, str]) -> list[str]:
    """The ids of the agents whose user names stand in a text after an "@"."""
    names = (found[1].lower().rstrip(".-_") for found in _MENTION.finditer(text))
    return list(dict.fromkeys(ids[name] for name in names if name in ids))
