"""The chat page: one small HTML file, words from words.yml, no inline script, nothing from anybody else's server."""

import json
from functools import cache
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from bot.languages import text_direction
from bot.words import Words, load_words

WEB_ROOT = Path(__file__).resolve().parent

#: Sent with every page of ours: own files only, no frames, no referrer.
SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "permissions-policy": "geolocation=(self), camera=(), microphone=()",
    "cache-control": "no-store",
}


def page_words(language: str) -> Words:
    """The words of the page in a language."""
    return load_words(WEB_ROOT / "words.yml", language)


def render_page(language: str) -> HTMLResponse:
    """The chat page."""
    words = page_words(language)
    html = (
        _environment()
        .get_template("page.html")
        .render(
            words=words,
            language=words.language,
            direction=text_direction(words.language),
            script_words=json.dumps(dict(words), ensure_ascii=False).replace("</", "<\\/"),
        )
    )
    return HTMLResponse(html, headers=SECURITY_HEADERS)


@cache
def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(WEB_ROOT), autoescape=select_autoescape(default=True))
