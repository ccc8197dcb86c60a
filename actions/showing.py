"""Shows articles: the text in force today, its facets as buttons, its source and date. Composes nothing."""

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
) -> None:
    """The answer for this person's situation, what it depends on, its source, and buttons for the rest."""
    condition = _condition(article, situation, chosen_condition)
    if condition is not None:
        # Said first, because it was concluded from words: whoever it does not fit sees it and can say so.
        dispatcher.utter_message(response="utter_for_situation", label=condition.label[language])
    dispatcher.utter_message(text=library.text(article, "answer", language=language, on=today, condition=condition))
    _utter_source(dispatcher, article, language)
    buttons = _facet_buttons(article, language, shown="answer")
    if condition is not None:
        _attach(dispatcher, [_situation_button(article, _NONE, labels(language)["not_my_case"]), *buttons])
    elif chosen_condition != f"{article.id}:{_NONE}" and is_worth_asking(article, situation):
        dispatcher.utter_message(
            response="utter_ask_situation", buttons=_condition_buttons(article, language) + buttons
        )
    else:
        _attach(dispatcher, buttons)


def show_facet(
    dispatcher: CollectingDispatcher,
    library: Library,
    article: Article,
    facet: str,
    *,
    language: AnswerLanguage,
    today: date,
) -> None:
    """One facet with its source; a facet that the article does not have is said to be unknown."""
    text = library.text(article, facet, language=language, on=today)
    if facet == "source":
        _utter_all_sources(dispatcher, article, language, text)
    elif text:
        dispatcher.utter_message(text=text)
        _utter_source(dispatcher, article, language)
    else:
        dispatcher.utter_message(response="utter_facet_missing", title=article.title[language])
    _attach(dispatcher, _facet_buttons(article, language, shown=facet))


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


def _utter_all_sources(dispatcher: CollectingDispatcher, article: Article, language: AnswerLanguage, text: str) -> None:
    if text:
        dispatcher.utter_message(text=text)
    lines = [f"- {source.title[language]} ({source.published})\n  {source.url}" for source in article.sources]
    dispatcher.utter_message(
        response="utter_sources", sources="\n".join(lines), checked_on=_day(article.checked_on, language)
    )


def _attach(dispatcher: CollectingDispatcher, buttons: Buttons) -> None:
    """Put buttons under the last message instead of sending an empty one."""
    last: dict[str, Any] = dispatcher.messages[-1]
    last["buttons"] = [*(last.get("buttons") or []), *buttons]


def _day(day: date, language: AnswerLanguage) -> str:
    return format_date(day, format="long", locale=LOCALES[language])
