"""The form that opens a case: consent first; without it no place is asked for."""

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import slots
from knowledge.library import load_library

#: What has no rule of its own inside the form: the form asks again instead of giving up its turn.
_ASK_AGAIN = frozenset(("nlu_fallback", "affirm", "deny", "give_place", "out_of_scope", "correct"))


class ValidateOpenCaseForm(FormValidationAction):
    """Validates consent and place."""

    def name(self) -> str:
        """The name that Rasa looks for."""
        return "validate_open_case_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[str]:
        """Whoever says no is not asked where they are."""
        return ["has_consented"] if tracker.get_slot("has_consented") is False else domain_slots

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Validate what was given. A message that gives nothing and has no rule of its own keeps the form going."""
        events: list[EventType] = await super().run(dispatcher, tracker, domain)
        requested = tracker.get_slot("requested_slot")
        given = any(event.get("name") == requested and event.get("value") is not None for event in events)
        if requested is None or given or slots.intent(tracker) not in _ASK_AGAIN:
            return events
        if requested == "place" and slots.last_text(tracker):
            dispatcher.utter_message(response="utter_place_not_known")
        return [*events, SlotSet("outcome", "other")]

    def validate_has_consented(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Yes or no, as the intent said."""
        return {"has_consented": bool(value)}

    def validate_place(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Only a commune we know can be routed from."""
        return {"place": value if value in load_library().places else None}
