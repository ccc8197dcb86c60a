"""Ask whether the conversation may be passed on: at length once, in one line when the form takes up again."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict


class ActionAskOpenCaseFormHasConsented(Action):
    """What the form that opens a case asks first."""

    def name(self) -> str:
        """The name that Rasa looks for."""
        return "action_ask_open_case_form_has_consented"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Rasa has put down what the form asks for once it has been asked."""
        is_asked_again = tracker.get_slot("requested_slot") == "has_consented"
        dispatcher.utter_message(response="utter_consent_again" if is_asked_again else "utter_consent")
        return []
