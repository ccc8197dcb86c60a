"""Keep what a person thinks of the answer of a cell: one tap on a button under the closing words."""

from datetime import timedelta

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict
from sqlalchemy.orm import Session

from actions import slots
from bot.cases import repository, service
from bot.clock import utc_now
from bot.store.database import database

SCORES = ("yes", "partly", "no")

#: How long after closing a case can be rated.
RATED_WITHIN = timedelta(days=30)


class ActionRateCase(Action):
    """Stores the score with the case that was closed last."""

    def name(self) -> str:
        """The name that the domain uses."""
        return "action_rate_case"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Thank, and offer the way back to a person to whom the answer was of no help."""
        score, now = slots.entity(tracker, "score"), utc_now()

        def keep(session: Session) -> None:
            case = repository.find_last_closed(session, tracker.sender_id, since=now - RATED_WITHIN)
            if case is not None:
                service.rate(session, case, score, now=now)

        if score in SCORES:
            database().later(keep)
        dispatcher.utter_message(response="utter_rated_badly" if score == "no" else "utter_rated")
        return slots.changes(tracker, outcome="other")
