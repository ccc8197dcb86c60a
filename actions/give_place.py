"""A place on its own: tell the nearest reception cell."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import showing, slots
from actions.partners import utter_nearest
from knowledge.library import load_library


class ActionGivePlace(Action):
    """Answers "I am in …"."""

    def name(self) -> str:
        """The name that the domain uses."""
        return "action_give_place"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """The nearest cell, or that the place is not known."""
        place = load_library().places.get(slots.entity(tracker, "place"))
        if place is None:
            dispatcher.utter_message(response="utter_unknown_place")
            return slots.changes(tracker, place=None, outcome="other")
        utter_nearest(dispatcher, place, slots.language(tracker))
        self._take_note(dispatcher, tracker)
        return slots.changes(tracker, outcome="other")

    @staticmethod
    def _take_note(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        """Who also said who they are learns that it counts from now on."""
        if any(slots.entity(tracker, name) for name in ("status", "nationality")):
            dispatcher.utter_message(text=showing.labels(slots.language(tracker))["situation_noted"])
