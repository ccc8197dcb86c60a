"""Tell a person what is held about them."""

from babel.dates import format_date
from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import showing, slots
from bot.clock import MOROCCO, utc_now
from bot.privacy import holdings
from bot.settings import load_settings
from bot.store.database import database


class ActionTellMyData(Action):
    """Numbers only: what was written can be read above in the chat."""

    def name(self) -> str:
        """The name that the domain uses."""
        return "action_tell_my_data"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Count messages and cases, name what else is kept."""
        language = slots.language(tracker)
        with database().read() as session:
            held = holdings(session, tracker.sender_id)
        since = (held.since or utc_now()).astimezone(MOROCCO)
        dispatcher.utter_message(
            response="utter_my_data",
            since=format_date(since, format="long", locale=showing.LOCALES[language]),
            messages=str(held.messages),
            cases=str(held.cases),
            place=showing.labels(language)["and_place"] if tracker.get_slot("place") else "",
            days=str(load_settings().retention_days),
        )
        return slots.changes(tracker, outcome="other")
