"""Delete everything a person wrote, after they have confirmed it with a button."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import AllSlotsReset, EventType, Restarted, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import slots
from bot.clock import utc_now
from bot.privacy import forget_conversation
from bot.store.database import database


class ActionConfirmDelete(Action):
    """What "delete me" does once confirmed."""

    def name(self) -> str:
        """The name that the domain uses."""
        return "action_confirm_delete"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Forget the conversation together with this turn; only the language is kept, to say so."""
        person_id = tracker.sender_id
        database().later(lambda session: forget_conversation(session, person_id, now=utc_now()))
        dispatcher.utter_message(response="utter_deleted")
        return [AllSlotsReset(), Restarted(), SlotSet("language", slots.language(tracker))]
