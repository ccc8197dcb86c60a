"""Decide the language of the answers before anything is said in this turn."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import slots
from bot.languages import Writing, parse_answer_language

#: Below this confidence, or for a single word, a message does not change the language by itself.
_SURE = 0.65
_ENOUGH_WORDS = 2
#: A language that was asked for gives way only to a message that is clearly longer than a loan word.
_CLEARLY_ANOTHER = 4


class ActionResolveLanguage(Action):
    """Fills the slots ``language`` and ``chosen_language``; run by Rasa while it extracts slots."""

    def name(self) -> str:
        """The name that the domain uses."""
        return "action_resolve_language"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """A wish first, then the message's own language, then what it was before."""
        current = parse_answer_language(tracker.get_slot("language"))
        if slots.intent(tracker) in ("choose_language", "change_language"):
            wish = parse_answer_language(slots.entity(tracker, "language"))
            if wish:
                return [SlotSet("language", wish), SlotSet("chosen_language", wish)]
        chosen = parse_answer_language(tracker.get_slot("chosen_language"))
        found = slots.writing(tracker)
        language = chosen or current or self._hint(tracker)
        if found:
            language = self._from_writing(tracker, found, chosen, language)
        language = language or "fr"
        return [] if language == current else [SlotSet("language", language)]

    def _from_writing(
        self, tracker: Tracker, found: dict[str, object], chosen: str | None, language: str | None
    ) -> str | None:
        writing = Writing(str(found["language"]), str(found["script"]))
        words = len(slots.last_text(tracker).split())
        if writing.is_arabizi:
            # Its writer may read Arabic or French better: what was chosen stays, and Arabic until it is.
            return chosen or ("ar" if language in (None, "en") else language)
        sure = float(str(found["confidence"])) >= _SURE
        if chosen and chosen != writing.answer_language and words < _CLEARLY_ANOTHER:
            return chosen
        if language is None or (sure and (words >= _ENOUGH_WORDS or writing.script == "Arab")):
            return writing.answer_language
        return language

    @staticmethod
    def _hint(tracker: Tracker) -> str | None:
        return parse_answer_language((tracker.latest_message.get("metadata") or {}).get("language_hint"))
