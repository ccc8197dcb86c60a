"""Open a case when a person asked for a human. Consent is asked by the form, checked again here."""

from datetime import datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import slots
from actions.nearest import expected_reply, find_route, route_words
from actions.partners import partners_near
from bot.cases.lifecycle import open_case
from bot.cases.model import Case
from bot.cases.service import CaseRequest, new_case
from bot.clock import utc_now
from bot.errors import ConsentMissing, NoCellAvailable
from bot.settings import load_settings
from bot.store.database import database
from knowledge.library import load_library
from knowledge.model import Place
from knowledge.reception import terms_of


class ActionOpenCase(Action):
    """Routes, stores the case with the turn, and tells the person where it went."""

    def name(self) -> str:
        """The name that the domain uses."""
        return "action_open_case"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        """Open the case and clear the consent, which was given for this one."""
        done = slots.changes(tracker, has_consented=None, outcome="other", doubts=0.0)
        place = load_library().places.get(slots.text_slot(tracker, "place"))
        if not tracker.get_slot("has_consented") or place is None:
            dispatcher.utter_message(response="utter_handoff_declined")
            return done
        now = utc_now()
        try:
            case = self._routed(dispatcher, tracker, place, now)
        except NoCellAvailable:
            case = _case(tracker, place, now)
            dispatcher.utter_message(response="utter_case_pending", reference=case.reference)
        except ConsentMissing:
            dispatcher.utter_message(response="utter_handoff_declined")
            return done
        _store(case, now)
        return [*done, *slots.changes(tracker, case_reference=case.reference, urgent_type=None)]

    def _routed(self, dispatcher: CollectingDispatcher, tracker: Tracker, place: Place, now: datetime) -> Case:
        """The case at the cell that takes it, and the words about it; raises NoCellAvailable."""
        language, is_urgent = slots.language(tracker), bool(tracker.get_slot("urgent_type"))
        route, hours = find_route(place, now=now, topic=_topic(tracker), language=language, is_urgent=is_urgent)
        case = _case(tracker, place, now, cell_id=route.cell.id, distance_km=route.distance_km, route=route.reason())
        dispatcher.utter_message(
            response="utter_case_opened",
            reference=case.reference,
            expected=expected_reply(hours, language, is_urgent=is_urgent, now=now),
            **route_words(route, language),
        )
        partners = partners_near(place, language) if route.is_remote else ""
        if partners:
            dispatcher.utter_message(response="utter_case_is_remote", partners=partners)
        return case


def _case(tracker: Tracker, place: Place, now: datetime, **routed: Any) -> Case:
    request = {"cell_id": "", "distance_km": 0.0, **routed}
    return new_case(
        CaseRequest(
            person_id=tracker.sender_id,
            has_consented=bool(tracker.get_slot("has_consented")),
            place_id=place.id,
            language=slots.language(tracker),
            channel=str((tracker.latest_message.get("metadata") or {}).get("channel") or "web"),
            summary=slots.case_summary(tracker, topic=_topic(tracker)),
            **request,
        ),
        now=now,
    )


def _topic(tracker: Tracker) -> str:
    article = load_library().articles.get(slots.text_slot(tracker, "article"))
    return article.topic if article else ""


def _store(case: Case, now: datetime) -> None:
    library, settings = load_library(), load_settings()
    database().later(lambda session: open_case(session, case, terms_of=terms_of(session, library, settings, now)))
