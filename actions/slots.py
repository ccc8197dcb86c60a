"""Typed readers of Rasa's tracker, so that no action digs in dictionaries."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

from bot.cases.summary import CaseSummary
from bot.languages import DEFAULT_LANGUAGE, AnswerLanguage, parse_answer_language


def language(tracker: Tracker) -> AnswerLanguage:
    """The language of this turn's answers."""
    return parse_answer_language(tracker.get_slot("language")) or DEFAULT_LANGUAGE


def text_slot(tracker: Tracker, name: str) -> str:
    """A text slot, "" when it is not set."""
    return str(tracker.get_slot(name) or "")


def intent(tracker: Tracker) -> str:
    """The intent of the last message."""
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def entity(tracker: Tracker, name: str) -> str:
    """The first value of an entity in the last message, or ""."""
    return str(next(iter(tracker.get_latest_entity_values(name)), "") or "")


def understanding(tracker: Tracker) -> dict[str, Any]:
    """What nlu/ made of the last message; empty for a button."""
    return dict(tracker.latest_message.get("understanding") or {})


def writing(tracker: Tracker) -> dict[str, Any]:
    """Language, script and confidence of the last message; empty for a button."""
    return dict(tracker.latest_message.get("writing") or {})


def last_text(tracker: Tracker) -> str:
    """The last message's words; "" for a button."""
    text = str(tracker.latest_message.get("text") or "")
    return "" if text.startswith("/") else text


def situation(tracker: Tracker) -> dict[str, str]:
    """What is known of the person that can change an answer."""
    return {key: text_slot(tracker, key) for key in ("nationality", "status") if text_slot(tracker, key)}


def articles_seen(tracker: Tracker) -> list[str]:
    """Articles shown in this conversation, oldest first."""
    return [str(article) for article in tracker.get_slot("articles_seen") or ()]


def changes(tracker: Tracker, **values: Any) -> list[EventType]:
    """Events for the slots whose value changes; each event kept costs time in every later turn."""
    return [SlotSet(name, value) for name, value in values.items() if tracker.get_slot(name) != value]


def case_summary(tracker: Tracker, *, topic: str) -> CaseSummary:
    """The request in short, for the agent."""
    found = writing(tracker)
    return CaseSummary(
        question=text_slot(tracker, "question"),
        article=text_slot(tracker, "article"),
        articles_seen=tuple(articles_seen(tracker)),
        topic=topic,
        nationality=text_slot(tracker, "nationality"),
        status=text_slot(tracker, "status"),
        urgent_type=text_slot(tracker, "urgent_type"),
        writing=f"{found['language']}-{found['script']}" if found else "",
    )
