"""Answer a question or a follow-up from the knowledge base, or offer choices when in doubt."""

from datetime import date
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import showing, slots
from bot.clock import MOROCCO, utc_now
from bot.languages import Writing
from knowledge.library import Library, load_library
from knowledge.model import FACET_OF_FOLLOW_UP, Article

_CHOICES = 3
_SEEN = 8


class ActionAnswer(Action):
    """Answer → facets → source. What is uncertain becomes a choice, never a guess."""

    def name(self) -> str:
        """The name that the domain uses."""
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Find the article meant, show what was asked of it, remember it."""
        library = load_library()
        understood = slots.understanding(tracker)
        asked = library.articles.get(slots.entity(tracker, "article"))
        on_table = library.articles.get(slots.text_slot(tracker, "article"))
        if asked is not None:
            facet = slots.entity(tracker, "facet") or "answer"
            return self._show(dispatcher, tracker, library, asked, facet)
        if slots.intent(tracker) == "follow_up":
            return self._follow_up(dispatcher, tracker, library, on_table, understood)
        articles = [library.articles[name] for name, _ in understood.get("articles", ()) if name in library.articles]
        if understood.get("decision") == "answer" and articles:
            return self._show(dispatcher, tracker, library, articles[0], "answer")
        return self._offer_choices(dispatcher, tracker, articles[:_CHOICES])

    def show(self, dispatcher: CollectingDispatcher, tracker: Tracker, article: Article) -> list[EventType]:
        """Show an article's answer and put it on the table."""
        return self._show(dispatcher, tracker, load_library(), article, "answer")

    def _follow_up(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        library: Library,
        on_table: Article | None,
        understood: dict[str, Any],
    ) -> list[EventType]:
        if on_table is None:
            dispatcher.utter_message(response="utter_about_what")
            return slots.changes(tracker, outcome="other")
        facet = FACET_OF_FOLLOW_UP.get(str(understood.get("facet")), "answer")
        return self._show(dispatcher, tracker, library, on_table, facet)

    def _show(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        library: Library,
        article: Article,
        facet: str,
    ) -> list[EventType]:
        language, today = slots.language(tracker), _today()
        if facet == "answer":
            showing.show_answer(
                dispatcher,
                library,
                article,
                language=language,
                situation=slots.situation(tracker),
                chosen_condition=slots.text_slot(tracker, "condition"),
                today=today,
            )
        else:
            showing.show_facet(dispatcher, library, article, facet, language=language, today=today)
        was_asked = self._ask_reading_language(dispatcher, tracker)
        seen = [name for name in slots.articles_seen(tracker) if name != article.id]
        return slots.changes(
            tracker,
            article=article.id,
            articles_seen=[*seen, article.id][-_SEEN:],
            outcome="answer",
            doubts=0.0,
            question=self._question(tracker),
            was_asked_reading_language=was_asked or None,
        )

    def _offer_choices(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, articles: list[Article]
    ) -> list[EventType]:
        language = slots.language(tracker)
        none = {"title": showing.labels(language)["none_of_these"], "payload": "/none_of_these"}
        dispatcher.utter_message(response="utter_choices", buttons=[*showing.article_buttons(articles, language), none])
        return slots.changes(tracker, outcome="choices", question=self._question(tracker))

    @staticmethod
    def _ask_reading_language(dispatcher: CollectingDispatcher, tracker: Tracker) -> bool:
        """Ask who writes Darija in Latin letters, once, what they like to read. Returns whether it has been asked."""
        found = slots.writing(tracker)
        was_asked = bool(tracker.get_slot("was_asked_reading_language"))
        is_arabizi = bool(found) and Writing(found["language"], found["script"]).is_arabizi
        if is_arabizi and not was_asked and not tracker.get_slot("chosen_language"):
            dispatcher.utter_message(response="utter_ask_reading_language")
            return True
        return was_asked

    @staticmethod
    def _question(tracker: Tracker) -> str | None:
        asked = slots.last_text(tracker) if slots.intent(tracker) == "ask" else ""
        return asked or tracker.get_slot("question")


def _today() -> date:
    return utc_now().astimezone(MOROCCO).date()
