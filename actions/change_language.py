"""Confirm a change of language, or ask which; the slot itself is set by action_resolve_language."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import slots
from actions.answer import ActionAnswer
from knowledge.library import load_library


class ActionChangeLanguage(Action):
    """After a button, the last answer is repeated in the new language, so that nobody has to ask twice."""

    def name(self) -> str:
        """The name that the domain uses."""
        return "action_change_language"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Repeat, confirm or ask."""
        if not slots.entity(tracker, "language"):
            dispatcher.utter_message(response="utter_ask_language")
            return slots.changes(tracker, outcome="other")
        article = load_library().articles.get(slots.text_slot(tracker, "article"))
        was_answered = tracker.get_slot("outcome") == "answer"
        if slots.intent(tracker) == "choose_language" and article is not None and was_answered:
            return ActionAnswer().show(dispatcher, tracker, article)
        dispatcher.utter_message(response="utter_language_chosen")
        return slots.changes(tracker, outcome="other")
