"""Answers to buttons that are written instead of pressed: a number in any digits, or the button's words in any language.

Only what a person was last told counts, and only a whole message: "1" is a choice, "1 enfant" is not.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import bot
from bot.data_files import read_yaml
from bot.languages import ANSWER_LANGUAGES
from bot.messages import Button
from knowledge.library import Library
from nlu.text import normalise

_BOT_ROOT = Path(bot.__file__).parent
_NUMBER = re.compile(r"^\d{1,2}$")

#: Communes that are offered at once; a list holds ten.
_MOST_PLACES = 9

#: What `find` returns for a number that no button has.
NO_SUCH_CHOICE = "no_such_choice"


class Choices:
    """Finds the button that a message means."""

    def __init__(self, library: Library) -> None:
        self._library = library

    @cached_property
    def longest(self) -> int:
        """The length of the longest title: what is longer chooses nothing. Titles are written with a sign more or less."""
        return 2 * max(len(title) for titles in self._titles.values() for title in titles)

    def find(self, text: str, buttons: list[dict[str, str]], payloads: dict[str, str]) -> str:
        """The token of the button that ``text`` means, NO_SUCH_CHOICE, or "". ``payloads`` says what each token is for."""
        said = normalise(text)
        if not said or not buttons:
            return ""
        if _NUMBER.match(said):
            number = int(said)
            return buttons[number - 1]["token"] if 0 < number <= len(buttons) else NO_SUCH_CHOICE
        for button in buttons:
            titles = {normalise(button["title"]), *self._titles[payloads.get(button["token"], "")]}
            if said in titles:
                return button["token"]
        return ""

    @cached_property
    def _titles(self) -> defaultdict[str, set[str]]:
        """The words of every button in every language, by what the button stands for."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for payload, title in [*_titles_of_domain(), *self._titles_of_library()]:
            found[payload].add(normalise(title))
        return found

    def _titles_of_library(self) -> Iterable[tuple[str, str]]:
        labels = read_yaml(_BOT_ROOT / "labels.yml")
        for article in self._library.articles.values():
            for language in ANSWER_LANGUAGES:
                yield f'/ask{{"article": "{article.id}"}}', article.label[language]
                for name, titles in labels.items():
                    if name.startswith("facet_"):
                        facet = name.removeprefix("facet_")
                        yield f'/follow_up{{"facet": "{facet}", "article": "{article.id}"}}', titles[language]
                for condition in article.conditions:
                    yield _situation(article.id, condition.id), condition.label[language]
                yield _situation(article.id, "none"), labels["not_my_case"][language]
        for language in ANSWER_LANGUAGES:
            yield "/ask_person", labels["person"][language]
            yield "/none_of_these", labels["none_of_these"][language]
            yield from ((button.payload, button.title) for button in place_buttons(self._library, language))


def place_buttons(library: Library, language: str) -> tuple[Button, ...]:
    """The communes that have a cell, for channels without a list of their own; any other is written, or sent as a pin."""
    communes = {cell.commune for cell in library.routable_cells}
    places = sorted(
        (place for place in library.places.values() if place.name["fr"] in communes), key=lambda place: place.id
    )
    return tuple(Button(place.name[language], place_payload(place.id)) for place in places)[:_MOST_PLACES]


def place_payload(place_id: str) -> str:
    """The command that gives a place."""
    return f"/give_place{json.dumps({'place': place_id})}"


def _situation(article_id: str, condition_id: str) -> str:
    return f'/give_situation{{"condition": "{article_id}:{condition_id}", "article": "{article_id}"}}'


@cache
def _titles_of_domain() -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for path in sorted((_BOT_ROOT / "domain").glob("*.yml")):
        responses: dict[str, Any] = (read_yaml(path) or {}).get("responses") or {}
        found += [
            (str(button["payload"]), str(button["title"]))
            for variations in responses.values()
            for variation in variations
            for button in variation.get("buttons") or ()
        ]
    return tuple(found)
