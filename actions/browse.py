"""Show the questions of a topic, for those who would rather choose than write."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import showing, slots
from knowledge.library import load_library

_MOST = 9


class ActionBrowse(Action):
    """A topic's articles as buttons."""

    def name(self) -> str:
        """The name that the domain uses."""
        return "action_browse"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """The first articles of the topic, in the order of their ids."""
        topic, language = slots.entity(tracker, "topic"), slots.language(tracker)
        articles = [article for article in load_library().articles.values() if article.topic == topic]
        buttons = [*showing.article_buttons(articles[:_MOST], language), showing.person_button(language)]
        dispatcher.utter_message(response="utter_browse", buttons=buttons)
        return slots.changes(tracker, outcome="other")
