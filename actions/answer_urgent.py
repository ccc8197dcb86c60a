"""Danger: the right number and the way to a human, in the same turn, before anything else."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import showing, slots
from knowledge.library import load_library

#: The article that helps further once the first danger is over.
ARTICLE_OF_DANGER = {
    "violence": "gender-violence",
    "trafficking": "human-trafficking",
    "child": "child-protection",
    "detention": "arrest-custody",
    "medical": "medical-emergency",
    "suicide": "mental-health",
    "sea": "emergency-numbers",
}


class ActionAnswerUrgent(Action):
    """Answers danger by its type; an unknown type gets the general emergency numbers."""

    def name(self) -> str:
        """The name that the domain uses."""
        return "action_answer_urgent"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Number, human, article."""
        danger = str(slots.understanding(tracker).get("urgent_type") or "")
        if danger not in ARTICLE_OF_DANGER:
            danger = "sea"
        language = slots.language(tracker)
        dispatcher.utter_message(response=f"utter_urgent_{danger}")
        articles = load_library().articles
        help_further = [articles[name] for name in (ARTICLE_OF_DANGER[danger],) if name in articles]
        dispatcher.utter_message(
            response="utter_urgent_person", buttons=showing.article_buttons(help_further, language)
        )
        return slots.changes(
            tracker,
            urgent_type=danger,
            # "Where do I go?" is asked next, and is about this.
            article=ARTICLE_OF_DANGER[danger],
            question=slots.last_text(tracker),
            outcome="other",
            doubts=0.0,
        )
