"""Say what is wrong with a message that could not be read as one."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import slots

_PROBLEMS = ("empty", "too_long", "unknown_button")


class ActionReportProblem(Action):
    """The gateway names the problem; the words are in the domain."""

    def name(self) -> str:
        """The name that the domain uses."""
        return "action_report_problem"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """The sentence for this problem; an unknown place asks for another."""
        problem = slots.entity(tracker, "problem")
        if problem == "unknown_place":
            dispatcher.utter_message(response="utter_unknown_place")
        else:
            dispatcher.utter_message(response=f"utter_problem_{problem if problem in _PROBLEMS else 'empty'}")
        return slots.changes(tracker, outcome="other")
