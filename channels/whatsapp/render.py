"""From a message of ours to requests for Twilio. Pure: the same message makes the same requests each time.

Up to three short buttons are quick replies, up to ten a list; both only with a text of 1,024 characters. Whatever does not
fit these is numbered in the text, and the numbers are always understood (channels/choices.py).
"""

from typing import Any

from bot.conversations import Message
from channels.channel import Limits, Request
from channels.rendering import mark_direction, shorten, twilio_length, utf16_length
from channels.whatsapp.words import whatsapp_words

LIMITS = Limits(
    text=1600, body_bytes=64 * 1024, buttons=10, button_title=24, count=lambda text: twilio_length(mark_direction(text))
)

_INTERACTIVE_TEXT = 1024
_MOST_QUICK, _QUICK_TITLE = 3, 20
_MOST_ITEMS, _ITEM_TITLE, _ITEM_DESCRIPTION = 10, 24, 72

#: The notice that is sent as an approved template.
TEMPLATE = "reminder"


def render_message(message: Message) -> list[Request]:
    """The requests for a message."""
    if message.payload == TEMPLATE:
        return [Request("template", {"language": message.language, "message_id": message.id})]
    words = whatsapp_words(message.language)
    text = f"{message.text}\n\n{words['place_hint']}" if message.asks_place else message.text
    parts = _numbered(text, message.buttons, message.language)
    form = _form(text, message.buttons, message.language)
    if form is None or len(parts) != 1:
        return [Request("text", {"body": part, "message_id": message.id}) for part in parts]
    # The numbered text goes with it: it is sent if Twilio does not take the form.
    variables = {str(number): button["token"] for number, button in enumerate(message.buttons, 1)}
    return [Request("form", {**form, "variables": variables, "body": parts[0], "message_id": message.id})]


def _form(text: str, buttons: list[dict[str, str]], language: str) -> dict[str, Any] | None:
    """What the Content API keeps: the same text with the same buttons is the same form, only the tokens differ."""
    marked = mark_direction(text)
    if not buttons or utf16_length(marked) > _INTERACTIVE_TEXT or "{{" in marked:
        return None
    titles = [button["title"] for button in buttons]
    if len({shorten(title, _ITEM_TITLE) for title in titles}) < len(titles):
        return None  # WhatsApp refuses two buttons that read alike
    if len(titles) <= _MOST_QUICK and all(utf16_length(title) <= _QUICK_TITLE for title in titles):
        actions = [
            {"type": "QUICK_REPLY", "title": title, "id": _place(number)} for number, title in enumerate(titles, 1)
        ]
        return {"types": {"twilio/quick-reply": {"body": marked, "actions": actions}}, "language": language or "fr"}
    if len(titles) > _MOST_ITEMS or any(utf16_length(title) > _ITEM_DESCRIPTION for title in titles):
        return None
    words = whatsapp_words(language)
    items = [
        {
            "item": shorten(title, _ITEM_TITLE),
            "id": _place(number),
            "description": title if utf16_length(title) > _ITEM_TITLE else words.format("or_number", number=number),
        }
        for number, title in enumerate(titles, 1)
    ]
    picker = {"body": marked, "button": words["choose"], "items": items}
    return {"types": {"twilio/list-picker": picker}, "language": language or "fr"}


def _place(number: int) -> str:
    """The place of a token in a form."""
    return "{{" + str(number) + "}}"


def _numbered(text: str, buttons: list[dict[str, str]], language: str) -> list[str]:
    """The text with its buttons as numbered lines, in one message if it fits."""
    if not buttons:
        return [mark_direction(text)]
    lines = [f"{number}. {button['title']}" for number, button in enumerate(buttons, 1)]
    choices = "\n".join([*lines, "", whatsapp_words(language)["reply_number"]])
    joined = f"{text}\n\n{choices}"
    parts = [joined] if LIMITS.count(joined) <= LIMITS.text else [text, choices]
    return [mark_direction(part) for part in parts]
