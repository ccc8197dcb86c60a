"""Shows articles: the text in force today, its facets as buttons, its source and date. Composes nothing."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from babel.dates import format_date
from rasa_sdk.executor import CollectingDispatcher

import bot
from bot.languages import AnswerLanguage
from bot.words import Words, load_words
from knowledge.conditions import fitting_condition, is_worth_asking
from knowledge.library import Library
from knowledge.model import Article, Condition

_LABELS = Path(bot.__file__).parent / "labels.yml"
LOCALES = {"ar": "ar_MA", "fr": "fr", "en": "en_GB"}

Buttons = list[dict[str, str]]

_PART_OF_DAY = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")

#: Facets after which a person looks for somebody who helps.
_LEAD_FURTHER = ("where", "appeal", "source")

#: The condition of those for whom none of an article's conditions holds.
_NONE = "none"


def labels(language: AnswerLanguage) -> Words:
    """The short words on buttons."""
    return load_words(_LABELS, language)


def show_answer(
    dispatcher: CollectingDispatcher,
    library: Library,
    article: Article,
    *,
    language: AnswerLanguage,
    situation: dict[str, str],
    chosen_condition: str,
    today: date,
    also_facet: str = "",
) -> None:
    """The answer for this person's situation, what it depends on, its source, and buttons for the rest.

    ``also_facet`` was asked for in the same message: it follows the answer, if the article has it.
    """
    condition = _condition(article, situation, chosen_condition)
    if condition is not None:
        # Said first, because it was concluded from words: whoever it does not fit sees it and can say so.
        dispatcher.utter_message(response="utter_for_situation", label=condition.label[language])
    dispatcher.utter_message(text=library.text(article, "answer", language=language, on=today, condition=condition))
    if also_facet and (more := library.text(article, also_facet, language=language, on=today)):
        dispatcher.utter_message(text=more)
    _utter_source(dispatcher, article, language)
    buttons = _facet_buttons(article, language, shown="answer")
    if condition is not None:
        attach(dispatcher, [_situation_button(article, _NONE, labels(language)["not_my_case"]), *buttons])
    elif chosen_condition != f"{article.id}:{_NONE}" and is_worth_asking(article, situation):
        dispatcher.utter_message(
            response="utter_ask_situation", buttons=_condition_buttons(article, language) + buttons
        )
    else:
        attach(dispatcher, buttons)


def show_facet(
    dispatcher: CollectingDispatcher,
    library: Library,
    article: Article,
    facet: str,
    *,
    language: AnswerLanguage,
    today: date,
    further: str,
) -> None:
    """One facet with its source; a facet that the article does not have is said to be unknown.

    ``further`` says who can help, where that is what a person needs next.
    """
    text = library.text(article, facet, language=language, on=today)
    if facet == "source":
        _utter_all_sources(dispatcher, article, language, text)
    elif text:
        dispatcher.utter_message(text=text)
        _utter_source(dispatcher, article, language)
    else:
        dispatcher.utter_message(response="utter_facet_missing", title=article.title[language])
    if further and (facet in _LEAD_FURTHER or not text):
        dispatcher.utter_message(text=further)
    attach(dispatcher, _facet_buttons(article, language, shown=facet))


def offer_others(dispatcher: CollectingDispatcher, articles: Sequence[Article], language: AnswerLanguage) -> None:
    """The other questions of the same message, as the first buttons."""
    if articles:
        first = dispatcher.messages[0]
        first["buttons"] = [*article_buttons(articles, language), *(first.get("buttons") or [])]
        dispatcher.utter_message(text=labels(language)["also_asked"])


def article_buttons(articles: Sequence[Article], language: AnswerLanguage) -> Buttons:
    """A button for each article."""
    return [{"title": article.label[language], "payload": article_payload(article.id)} for article in articles]


def article_payload(article_id: str) -> str:
    """The command behind an article's button."""
    return f'/ask{{"article": "{article_id}"}}'


def person_button(language: AnswerLanguage) -> dict[str, str]:
    """The way to a human."""
    return {"title": labels(language)["person"], "payload": "/ask_person"}


def _condition(article: Article, situation: dict[str, str], chosen: str) -> Condition | None:
    prefix = f"{article.id}:"
    if chosen.startswith(prefix):
        return next((item for item in article.conditions if item.id == chosen.removeprefix(prefix)), None)
    return fitting_condition(article, situation)


def _facet_buttons(article: Article, language: AnswerLanguage, *, shown: str) -> Buttons:
    words = labels(language)
    names = [name for name in (*article.facet_names(), "source") if name not in ("answer", shown)]
    buttons = [
        {"title": words[f"facet_{name}"], "payload": f'/follow_up{{"facet": "{name}", "article": "{article.id}"}}'}
        for name in dict.fromkeys(names)
    ]
    return [*buttons, person_button(language)]


def _condition_buttons(article: Article, language: AnswerLanguage) -> Buttons:
    return [_situation_button(article, condition.id, condition.label[language]) for condition in article.conditions]


def _situation_button(article: Article, condition_id: str, title: str) -> dict[str, str]:
    payload = f'/give_situation{{"condition": "{article.id}:{condition_id}", "article": "{article.id}"}}'
    return {"title": title, "payload": payload}


def _utter_source(dispatcher: CollectingDispatcher, article: Article, language: AnswerLanguage) -> None:
    dispatcher.utter_message(
        response="utter_source",
        source=article.sources[0].title[language],
        checked_on=_day(article.checked_on, language),
    )


def utter_source_of(
    dispatcher: CollectingDispatcher, articles: Sequence[Article], facts: Sequence[str], language: AnswerLanguage
) -> None:
    """The first source of these articles that rests on one of these facts, with the day it was checked."""
    for article in articles:
        for source in article.sources:
            if set(source.facts) & set(facts):
                checked_on = _day(article.checked_on, language)
                dispatcher.utter_message(response="utter_source", source=source.title[language], checked_on=checked_on)
                return


def _utter_all_sources(dispatcher: CollectingDispatcher, article: Article, language: AnswerLanguage, text: str) -> None:
    if text:
        dispatcher.utter_message(text=text)
    lines = [f"- {source.title[language]} ({source.published})\n  {source.url}" for source in article.sources]
    dispatcher.utter_message(
        response="utter_sources", sources="\n".join(lines), checked_on=_day(article.checked_on, language)
    )


def attach(dispatcher: CollectingDispatcher, buttons: Buttons) -> None:
    """Put buttons under the last message instead of sending an empty one."""
    last: dict[str, Any] = dispatcher.messages[-1]
    last["buttons"] = [*(last.get("buttons") or []), *buttons]


def part_of_day(written: str, language: AnswerLanguage) -> str:
    """A written "2022-08" as people say it ("August 2022"); "" for what is no year, month or day."""
    found = _PART_OF_DAY.match(written)
    if found is None:
        return ""
    year, month, day = (int(part) if part else 0 for part in found.groups())
    if day:
        return _day(date(year, month, day), language)
    return format_date(date(year, month or 1, 1), format="MMMM y" if month else "y", locale=LOCALES[language])


def _day(day: date, language: AnswerLanguage) -> str:
    return format_date(day, format="long", locale=LOCALES[language])
