"""Rasa's response generator without its search for slots inside button payloads.

Our payloads are JSON, and Rasa takes every brace for a slot: it would log an error for each button and slow each turn.
"""

from typing import Any

from rasa.core.nlg import interpolator
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator

from bot.typography import keep_together


class ResponseGenerator(TemplatedNaturalLanguageGenerator):  # type: ignore[misc]
    """Fills slots and values into texts only."""

    def _fill_response(
        self, response: dict[str, Any], filled_slots: dict[str, Any] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        text = response.get("text")
        if text and "{" in text:
            response["text"] = interpolator.interpolate(text, self._response_variables(filled_slots or {}, kwargs))
        return response


def set_french_responses(responses: dict[str, list[dict[str, Any]]]) -> None:
    """Set the French variations of a domain's responses, once, where the model is loaded."""
    for variations in responses.values():
        for variation in variations:
            if any(condition.get("value") == "fr" for condition in variation.get("condition") or ()):
                variation["text"] = keep_together(variation.get("text") or "")
                for button in variation.get("buttons") or ():
                    button["title"] = keep_together(button["title"])
