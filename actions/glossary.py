"""What an official term means: found by its names in three languages and what people say for it, shown with its source.

A reader needs the official word in the language of the counter, so all three are shown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from rasa_sdk import Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions import showing, slots
from bot.languages import ANSWER_LANGUAGES, AnswerLanguage
from knowledge.library import load_library
from knowledge.model import Term
from nlu.meaning import asked_words
from nlu.text import normalise, stem_arabic

_MOST_ARTICLES = 3
_PARTS = re.compile(r"\s*[()«»/;,]\s*|\s+–\s+")


@dataclass(frozen=True)
class AskedTerm:
    """A term that a message asks for. ``is_meaning``: its meaning, in so many words ("what does … mean")."""

    term: Term
    is_meaning: bool


def find_asked_term(text: str) -> AskedTerm | None:
    """The term whose meaning a message asks for, if the message asks for nothing else."""
    terms = _terms()
    for asked in asked_words(text):
        # In Darija the article is written onto the word: lanapec, lcnss.
        for form in (asked.word, _key(asked.word), asked.word.removeprefix("l")):
            if form in terms:
                return AskedTerm(terms[form], asked.is_meaning)
    return None


def show_names(dispatcher: CollectingDispatcher, term: Term, language: AnswerLanguage) -> None:
    """The term as it is written in the three languages."""
    words = showing.labels(language)
    dispatcher.utter_message(text=words.format("term_names", **{name: term.name[name] for name in ANSWER_LANGUAGES}))


def explain(dispatcher: CollectingDispatcher, tracker: Tracker, term: Term) -> list[EventType]:
    """The term, its meaning with the source if there is one, and the articles that say more."""
    library, language = load_library(), slots.language(tracker)
    show_names(dispatcher, term, language)
    articles = [library.articles[name] for name in term.articles if name in library.articles]
    if term.explanation:
        dispatcher.utter_message(text=term.explanation[language])
        showing.utter_source_of(dispatcher, articles, term.facts, language)
    buttons = [*showing.article_buttons(articles[:_MOST_ARTICLES], language), showing.person_button(language)]
    showing.attach(dispatcher, buttons)
    return slots.changes(tracker, outcome="other", doubts=0.0)


@cache
def _terms() -> Mapping[str, Term]:
    """Terms by every form they are asked for in. What people say wins over a whole name, that over a part of a name."""
    terms = load_library().glossary.values()
    said = ((spelling, term) for term in terms for spelling in term.said)
    names = ((name, term) for term in terms for name in term.name.values())
    parts = ((part, term) for term in terms for name in term.name.values() for part in _PARTS.split(name))
    found: dict[str, Term] = {}
    for name, term in (*said, *names, *parts):
        for form in (normalise(name), _key(normalise(name))):
            found.setdefault(form, term)
    found.pop("", None)
    return found


def _key(normal: str) -> str:
    """A name without Arabic particles and plural endings."""
    return " ".join(_singular(stem_arabic(word)) for word in normal.split())


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word[-1] in "sx" else word  # noqa: PLR2004 - "cnss" is no plural
