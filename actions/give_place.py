"""A place on its own: tell the nearest reception cell."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import slots
from actions.nearest import find_route, route_words
from bot.clock import utc_now
from bot.errors import NoCellAvailable
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
        try:
            route, _ = find_route(place, now=utc_now(), language=slots.language(tracker))
        except NoCellAvailable:
            dispatcher.utter_message(response="utter_no_cell")
            return slots.changes(tracker, outcome="other")
        dispatcher.utter_message(response="utter_nearest_cell", **route_words(route, slots.language(tracker)))
        return slots.changes(tracker, outcome="other")
