"""Open a case when a person asked for a human. Consent is asked by the form, checked again here."""

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import slots
from actions.nearest import find_route, partners_near, route_words
from bot.cases.service import CaseRequest, new_case, open_case
from bot.clock import utc_now
from bot.errors import ConsentMissing, NoCellAvailable
from bot.store.database import database
from knowledge.library import load_library


class ActionOpenCase(Action):
    """Routes, stores the case with the turn, and tells the person where it went."""

    def name(self) -> str:
        """The name that the domain uses."""
        return "action_open_case"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Open the case and clear the consent, which was given for this one."""
        done = slots.changes(tracker, has_consented=None, outcome="other", doubts=0.0)
        library, language = load_library(), slots.language(tracker)
        place = library.places.get(slots.text_slot(tracker, "place"))
        if not tracker.get_slot("has_consented") or place is None:
            dispatcher.utter_message(response="utter_handoff_declined")
            return done
        article = library.articles.get(slots.text_slot(tracker, "article"))
        try:
            route = find_route(place)
            case = new_case(
                CaseRequest(
                    person_id=tracker.sender_id,
                    has_consented=bool(tracker.get_slot("has_consented")),
                    cell_id=route.cell.id,
                    place_id=place.id,
                    distance_km=route.distance_km,
                    language=language,
                    channel=str((tracker.latest_message.get("metadata") or {}).get("channel") or "web"),
                    summary=slots.case_summary(tracker, topic=article.topic if article else ""),
                ),
                now=utc_now(),
            )
        except (NoCellAvailable, ConsentMissing):
            dispatcher.utter_message(response="utter_no_cell")
            return done
        database().later(lambda session: open_case(session, case))
        dispatcher.utter_message(response="utter_case_opened", reference=case.reference, **route_words(route, language))
        partners = partners_near(place, language) if route.is_remote else ""
        if partners:
            dispatcher.utter_message(response="utter_case_is_remote", partners=partners)
        return [*done, *slots.changes(tracker, case_reference=case.reference, urgent_type=None)]
