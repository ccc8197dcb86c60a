"""The words that always work: stop, start, human, delete me… in every language and script, and Telegram's menu.

They are matched against the whole message, so that a question with such a word in it stays a question. Only channels on
which people are written to need them; on the page the dialogue understands such wishes by itself.
"""

from functools import cache
from pathlib import Path

from bot.data_files import read_yaml
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


#: What stands before a code with which a lead enters a chat of their cell.
DESK_CODE = "gate:desk:"


def find_command(text: str) -> tuple[str, str]:
    """The command that a whole message is, and the language of its word; two empty strings if it is none."""
    return _words().get(normalise(text), ("", ""))


@cache
def _words() -> dict[str, tuple[str, str]]:
    entries = read_yaml(CHANNELS_ROOT / "commands.yml")
    return {
        normalise(word): (name, "ar" if language == "ary" else language)
        for name, languages in entries.items()
        for language, words in languages.items()
        for word in words
    }
