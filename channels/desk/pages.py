"""Renders the desk's pages: templates, words, and the shapes that templates read."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_datetime
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from bot.cases.model import Case
from bot.clock import MOROCCO
from bot.conversations import Message
from bot.languages import text_direction
from bot.words import Words, load_words
from channels.web.page import SECURITY_HEADERS
from knowledge.library import Library

DESK_ROOT = Path(__file__).resolve().parent

_LOCALES = {"ar": "ar_MA", "fr": "fr", "en": "en_GB"}


def desk_words(language: str) -> Words:
    """The words of the desk in a language."""
    return load_words(DESK_ROOT / "words.yml", language)


@dataclass(frozen=True)
class SummaryLine:
    """One line of a case's summary, in the agent's language."""

    label: str
    text: str


def render(template: str, *, language: str, status_code: int = 200, **values: Any) -> HTMLResponse:
    """A page of the desk."""
    words = desk_words(language)
    html = (
        _environment()
        .get_template(template)
        .render(
            words=words,
            language=words.language,
            direction=text_direction(words.language),
            when=lambda moment: format_datetime(
                moment.astimezone(MOROCCO), format="short", locale=_LOCALES[words.language]
            ),
            **values,
        )
    )
    return HTMLResponse(html, status_code=status_code, headers=SECURITY_HEADERS)


def summary_lines(case: Case, library: Library, language: str) -> list[SummaryLine]:
    """The summary in the agent's language: titles of articles and words for slots, and the person's own question."""
    words, summary = desk_words(language), case.summary
    lines = [
        (words["question"], summary.get("question", "")),
        (words["article"], _title(library, summary.get("article", ""), language)),
        (words["articles_seen"], " · ".join(_titles(library, summary, language))),
        (words["nationality"], str(summary.get("nationality", "")).upper()),
        (words["status"], summary.get("status", "")),
        (words["danger"], words.get(f"danger_{case.urgency}", "")),
    ]
    return [SummaryLine(label, text) for label, text in lines if text]


def place_name(library: Library, place_id: str, language: str) -> str:
    """A commune's name in a language."""
    place = library.places.get(place_id)
    return place.name[language] if place else place_id


def split_at_opening(messages: list[Message], case: Case) -> tuple[list[Message], list[Message]]:
    """Messages before a case was opened, and those of the case. What is said to the bot afterwards is not the cell's."""
    before = [message for message in messages if message.created_at < case.opened_at and message.case_id is None]
    return before, [message for message in messages if message.case_id == case.id]


def _titles(library: Library, summary: Mapping[str, Any], language: str) -> list[str]:
    shown = [name for name in summary.get("articles_seen", ()) if name != summary.get("article")]
    return [title for name in shown if (title := _title(library, name, language))]


def _title(library: Library, article_id: str, language: str) -> str:
    article = library.articles.get(article_id)
    return article.title[language] if article else ""


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(DESK_ROOT / "templates"), autoescape=select_autoescape(default=True))
