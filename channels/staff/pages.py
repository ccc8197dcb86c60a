"""Renders the staff's pages: templates, words, dates, and the headers that every page carries."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime, format_timedelta
from fastapi.responses import HTMLResponse
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, select_autoescape

from bot.clock import MOROCCO, utc_now
from bot.languages import text_direction
from channels.staff.catalogue import staff_words
from channels.web.page import SECURITY_HEADERS

_CHANNELS = Path(__file__).resolve().parent.parent

LOCALES = {"ar": "ar_MA", "fr": "fr", "en": "en_GB"}

#: Staff pages hold people's words: no browser or proxy keeps them.
HEADERS = {**SECURITY_HEADERS, "cache-control": "no-store"}


def render(template: str, *, language: str, status_code: int = 200, **values: Any) -> HTMLResponse:
    """A page of the staff."""
    words = staff_words(language)
    locale = LOCALES[words.language]
    html = (
        environment()
        .get_template(template)
        .render(
            words=words,
            language=words.language,
            direction=text_direction(words.language),
            when=lambda moment: format_datetime(moment.astimezone(MOROCCO), format="short", locale=locale),
            day=lambda day: format_date(day, format="EEE d MMM y", locale=locale),
            ago=lambda moment: since(moment, words.language),
            **{"signed_in": None, "cell": "", "here": "", **values},
        )
    )
    return HTMLResponse(html, status_code=status_code, headers=HEADERS)


def since(moment: datetime, language: str, now: datetime | None = None) -> str:
    """How long ago a moment was, or how far ahead it is: "3 hours ago"."""
    distance = moment - (now or utc_now())
    return format_timedelta(distance, add_direction=True, locale=LOCALES[language])


@cache
def environment() -> Environment:
    """The templates of all staff pages."""
    folders = [_CHANNELS / name / "templates" for name in ("staff", "desk")]
    return Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
