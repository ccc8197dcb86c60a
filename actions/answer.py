"""Answer a question or a follow-up from the knowledge base, or offer choices when in doubt."""

from datetime import date

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import glossary, showing, slots
from actions.partners import help_further, utter_nearest
from bot.clock import MOROCCO, utc_now
from bot.languages import Writing
from knowledge.library import load_library
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
        if asked is not None:
            return self._show(dispatcher, tracker, asked, slots.entity(tracker, "facet") or "answer")
        articles = [library.articles[name] for name, _ in understood.get("articles", ()) if name in library.articles]
        is_sure = slots.intent(tracker) == "ask" and understood.get("decision") == "answer" and bool(articles)
        term = glossary.find_asked_term(slots.last_text(tracker))
        if term is not None and (term.is_meaning or not is_sure):
            return glossary.explain(dispatcher, tracker, term.term)
        if slots.intent(tracker) == "follow_up":
            return self._follow_up(dispatcher, tracker, str(understood.get("facet")))
        if not is_sure:
            return self._offer_choices(dispatcher, tracker, articles[:_CHOICES])
        if term is not None:
            glossary.show_names(dispatcher, term.term, slots.language(tracker))
        also_facet = FACET_OF_FOLLOW_UP.get(str(understood.get("also_facet")), "")
        changes = self._show(dispatcher, tracker, articles[0], "answer", also_facet=also_facet)
        others = [library.articles[name] for name in understood.get("also", ()) if name in library.articles]
        showing.offer_others(dispatcher, others, slots.language(tracker))
        return changes

    def show(self, dispatcher: CollectingDispatcher, tracker: Tracker, article: Article) -> list[EventType]:
        """Show an article's answer and put it on the table."""
        return self._show(dispatcher, tracker, article, "answer")

    def _follow_up(self, dispatcher: CollectingDispatcher, tracker: Tracker, asked: str) -> list[EventType]:
        library = load_library()
        on_table = library.articles.get(slots.text_slot(tracker, "article"))
        facet = FACET_OF_FOLLOW_UP.get(asked, "answer")
        if on_table is not None:
            return self._show(dispatcher, tracker, on_table, facet)
        place = library.places.get(slots.text_slot(tracker, "place"))
        if facet == "where" and place is not None:
            utter_nearest(dispatcher, place, slots.language(tracker))
        else:
            dispatcher.utter_message(response="utter_about_what")
        return slots.changes(tracker, outcome="other")

    def _show(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, article: Article, facet: str, *, also_facet: str = ""
    ) -> list[EventType]:
        library, language, today = load_library(), slots.language(tracker), _today()
        if facet == "answer":
            showing.show_answer(
                dispatcher,
                library,
                article,
                language=language,
                situation=slots.situation(tracker),
                chosen_condition=slots.text_slot(tracker, "condition"),
                today=today,
                also_facet=also_facet,
            )
        else:
            place = library.places.get(slots.text_slot(tracker, "place"))
            further = help_further(library, article, place, language)
            showing.show_facet(dispatcher, library, article, facet, language=language, today=today, further=further)
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
