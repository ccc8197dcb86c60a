"""Doubt has two levels: ask for other words first, then offer a human."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import glossary, slots


class ActionFallback(Action):
    """Says that a message was not understood, or is not for us."""

    def name(self) -> str:
        """The name that the domain uses."""
        return "action_fallback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """An official term is explained. The second time in a row, or after refused choices, a human is offered."""
        term = glossary.find_asked_term(slots.last_text(tracker))
        if term is not None:
            return glossary.explain(dispatcher, tracker, term.term)
        if slots.intent(tracker) == "out_of_scope":
            dispatcher.utter_message(response="utter_out_of_scope")
            return slots.changes(tracker, outcome="other")
        doubts = float(tracker.get_slot("doubts") or 0.0) + 1.0
        is_second = doubts > 1 or slots.intent(tracker) == "none_of_these"
        dispatcher.utter_message(response="utter_unclear_again" if is_second else "utter_unclear")
        question = slots.last_text(tracker) or tracker.get_slot("question")
        return slots.changes(tracker, doubts=doubts, outcome="fallback", question=question)
