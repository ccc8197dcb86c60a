"""The form that opens a case: consent first; without it no place is asked for."""

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from knowledge.library import load_library


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

    def validate_place(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        """Only a commune we know can be routed from."""
        if value in load_library().places:
            return {"place": value}
        dispatcher.utter_message(response="utter_unknown_place")
        return {"place": None}
