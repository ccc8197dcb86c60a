"""From a message of ours to calls of the Bot API. Pure: the same message makes the same calls each time."""

from typing import Any

from bot.conversations import Message
from channels.channel import Limits, Request
from channels.rendering import mark_direction, shorten, utf16_length
from channels.telegram.words import telegram_words

LIMITS = Limits(
    text=4096,
    body_bytes=256 * 1024,
    buttons=100,
    button_title=64,
    count=lambda text: utf16_length(mark_direction(text)),
)

#: Two buttons stand beside one another if both are as short as this.
_NARROW = 16


def render_message(message: Message) -> list[Request]:
    """The calls for a message. A keyboard that asks for a place cannot stand beside buttons, so it comes after them."""
    words = telegram_words(message.language)
    buttons = _keyboard(message.buttons)
    place = _place_keyboard(words["send_place"], words["place_hint"]) if message.asks_place else None
    if buttons and place:
        return [_send(message.text, buttons), _send(words["or_send_place"], place)]
    # A place that has been given needs no keyboard any more.
    return [_send(message.text, buttons or place or {"remove_keyboard": True})]


def _send(text: str, markup: dict[str, Any]) -> Request:
    return Request(
        "sendMessage",
        {"text": mark_direction(text), "reply_markup": markup, "link_preview_options": {"is_disabled": True}},
    )


def _keyboard(buttons: list[dict[str, str]]) -> dict[str, Any] | None:
    if not buttons:
        return None
    rows: list[list[dict[str, str]]] = []
    for button in buttons[: LIMITS.buttons]:
        cell = {"text": shorten(button["title"], LIMITS.button_title), "callback_data": button["token"]}
        fits = rows and len(rows[-1]) == 1 and max(len(cell["text"]), len(rows[-1][0]["text"])) <= _NARROW
        if fits:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return {"inline_keyboard": rows}


def _place_keyboard(title: str, hint: str) -> dict[str, Any]:
    return {
        "keyboard": [[{"text": title, "request_location": True}]],
        "resize_keyboard": True,
        "one_time_keyboard": True,
        "input_field_placeholder": shorten(hint, 64),
    }
