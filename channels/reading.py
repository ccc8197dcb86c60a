"""What a message says once it is stored: words (redacted), a command of ours, or a problem. A pin becomes a commune here."""

import re
from dataclasses import dataclass

from bot import conversations
from bot.aliases import Sender
from bot.buttons import find_token, payloads_of
from bot.deliveries import PULLED_CHANNELS
from bot.messages import InboundMessage
from bot.redact import redact
from bot.settings import Settings
from bot.store.base import Rows
from channels.choices import NO_SUCH_CHOICE, Choices, place_payload
from channels.commands import DESK_CODE, PAYLOAD_OF_COMMAND, find_command
from knowledge.library import Library
from knowledge.model import Place
from knowledge.places import nearest_place
from nlu.text import clean, has_letters

#: What stands for something that has no words, so that an agent sees that it came.
_SIGNS = {
    "voice": "🎤",
    "photo": "📷",
    "document": "📄",
    "video": "🎬",
    "sticker": "🙂",
    "contact": "👤",
    "other": "❔",
}

#: A code as channels/gate.py makes them, however it is written.
_CODE = re.compile(r"^\s*([A-Za-z2-9]{4})\s*-\s*([A-Za-z2-9]{4})\s*$")


#: A code with which a lead enters a chat of their cell: written, or carried by a link to the bot.
_DESK_CODE = re.compile(r"^\s*(?:start\s+)?desk(?:@\w+)?[\s-]\s*([A-Za-z2-9]{4})-([A-Za-z2-9]{4})\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Reading:
    """What is stored of a message: ``payload`` is a command of ours, ``problem`` what keeps it from being words.

    ``language`` is that of a word of command, which may be all that is known of a person's.
    """

    text: str = ""
    payload: str = ""
    problem: str = ""
    language: str = ""


class Reader:
    """Reads messages. A person's text never becomes a command of the dialogue, only our own tokens and words do."""

    def __init__(self, settings: Settings, library: Library) -> None:
        self._settings = settings
        self._library = library
        self._choices = Choices(library)

    def read(self, rows: Rows, message: InboundMessage, sender: Sender) -> Reading:
        """What a message of a person says."""
        if message.command in PAYLOAD_OF_COMMAND:
            return Reading(f"/{message.command}", PAYLOAD_OF_COMMAND[message.command])
        if message.token:
            button = find_token(rows, token=message.token, person_id=sender.id)
            return Reading(button.title, button.payload) if button else Reading(problem="unknown_button")
        if message.coordinates is not None or message.place_id:
            return self._read_place(message)
        if len(message.text) > self._settings.max_message_length:
            return Reading(problem="too_long")
        # A person's own "/" never reaches Rasa as a command.
        text = clean(message.text).lstrip("/ ")
        if message.media:
            return self._read_media(message, text)
        return self._read_written(rows, message, sender, text)

    def _read_place(self, message: InboundMessage) -> Reading:
        place = self._place(message)
        return (
            Reading(f"📍 {place.name['fr']}", place_payload(place.id)) if place else Reading("📍", "", "unknown_place")
        )

    def _place(self, message: InboundMessage) -> Place | None:
        if message.coordinates is None:
            return self._library.places.get(message.place_id)
        return nearest_place(
            self._library.places.values(),
            latitude=message.coordinates.latitude,
            longitude=message.coordinates.longitude,
        )

    def _read_media(self, message: InboundMessage, caption: str) -> Reading:
        kind = message.media[0].kind
        sign = _SIGNS[kind] * len(message.media)
        if has_letters(caption):
            return Reading(redact(f"{sign} {caption}"), "", f"caption:{kind}")
        return Reading(sign, "", f"media:{kind}")

    def _read_written(self, rows: Rows, message: InboundMessage, sender: Sender, text: str) -> Reading:
        is_sent_to = message.channel not in PULLED_CHANNELS
        if is_sent_to and (code := _CODE.match(text)):
            return Reading("•••", f"gate:join:{(code[1] + code[2]).upper()}")
        if is_sent_to and (code := _DESK_CODE.match(text)):
            return Reading("•••", f"{DESK_CODE}{(code[1] + code[2]).upper()}")
        command, language = find_command(text) if is_sent_to else ("", "")
        if command:
            return Reading(text[:100], PAYLOAD_OF_COMMAND[command], language=language)
        if is_sent_to and (chosen := self._chosen(rows, message, sender, text)):
            return chosen
        return Reading(redact(text)) if has_letters(text) else Reading(text[:50], "", "empty")

    def _chosen(self, rows: Rows, message: InboundMessage, sender: Sender, text: str) -> Reading | None:
        """The button that was written instead of pressed, if the last thing a person was told has buttons."""
        if len(text) > self._choices.longest:
            return None
        buttons = conversations.last_buttons(rows, sender.id, message.channel)
        if not buttons:
            return None
        payloads = payloads_of(rows, [button["token"] for button in buttons], person_id=sender.id)
        token = self._choices.find(text, buttons, payloads)
        if token == NO_SUCH_CHOICE:
            return Reading(text[:50], "", NO_SUCH_CHOICE) if sender.owner == "bot" else None
        return Reading(text[:100], payloads[token]) if token in payloads else None
