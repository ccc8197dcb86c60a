"""The words that always work: stop, start, human, delete me… in every language and script, and Telegram's menu.

They are matched against the whole message, so that a question with such a word in it stays a question.
"""

from functools import cache
from pathlib import Path

import yaml

from nlu.text import normalise

CHANNELS_ROOT = Path(__file__).resolve().parent

#: What stands behind each command: a command of the dialogue, or one that the gateway answers itself ("gate:…").
PAYLOAD_OF_COMMAND = {
    "start": "/greet",
    "help": "/ask_help",
    "person": "/ask_person",
    "language": "/change_language",
    "privacy": "/ask_privacy",
    "mydata": "/ask_my_data",
    "delete": "/delete_me",
    "stop": "gate:stop",
    "open": "gate:open",
    "link": "gate:link",
}

#: Commands that concern being written to: they mean nothing where people fetch their messages themselves.
_OF_SENT_CHANNELS = frozenset(("stop", "start", "open", "link"))


def find_command(text: str, *, is_sent_to: bool) -> str:
    """The command that a whole message is, or ""."""
    name = _words().get(normalise(text), "")
    return "" if name in _OF_SENT_CHANNELS and not is_sent_to else name


@cache
def _words() -> dict[str, str]:
    entries = yaml.safe_load((CHANNELS_ROOT / "commands.yml").read_text(encoding="utf-8"))
    return {
        normalise(word): name for name, languages in entries.items() for words in languages.values() for word in words
    }
