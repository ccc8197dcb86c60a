"""Rasa's trackers in our own database: one row a conversation, written in the transaction of the turn.

Rasa's SQLTrackerStore writes each event at once and in a transaction of its own; a process killed between that and the
answer would forget or repeat a turn. Here a tracker is part of the turn: it is stored with the answers or not at all.
"""

from collections.abc import Iterable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, Event, Restarted, SlotSet, UserUttered, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import Connection, select

from bot.clock import Clock, utc_now
from bot.store.database import Database, database
from bot.trackers import Tracker, find_tracker, save_tracker

#: Events kept of a conversation; older ones live on in the slots only.
_MOST_EVENTS = 20
_EVENTS_AFTER_CUT = 10


class TurnTrackerStore(TrackerStore):  # type: ignore[misc]
    """Trackers as JSON rows. Named in endpoints.yml for the stock commands, built directly by the assistant."""

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        store: Database | None = None,
        now: Clock = utc_now,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        del kwargs  # what else endpoints.yml may say is not for us
        self._database = store
        self._now = now

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the tracker when the present turn is committed."""
        data = {"events": [_slim(event) for event in _kept(tracker)]}
        sender_id, now = tracker.sender_id, self._now()

        def write(connection: Connection) -> None:
            save_tracker(connection, sender_id, data, now)

        self._store().later_plain(write)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation of a person, or None."""
        with self._store().look() as connection:
            data = find_tracker(connection, sender_id)
        if data is None:
            return None
        return DialogueStateTracker.from_events(sender_id, deserialise_events(data["events"]), self.domain.slots)

    async def keys(self) -> Iterable[str]:
        """Every sender id."""
        with self._store().look() as connection:
            return list(connection.scalars(select(Tracker.sender_id)))

    def _store(self) -> Database:
        return self._database or database()


def _kept(tracker: DialogueStateTracker) -> list[Event]:
    """The events worth keeping: since the last restart, and of a long conversation its slots and its last turns."""
    events = list(tracker.events)
    restarts = [index for index, event in enumerate(events) if isinstance(event, Restarted)]
    if restarts:
        events = events[restarts[-1] + 1 :]
    if len(events) <= _MOST_EVENTS:
        return events
    starts = [index for index, event in enumerate(events) if isinstance(event, UserUttered)]
    cut = next((index for index in starts if len(events) - index <= _EVENTS_AFTER_CUT), starts[-1])
    before = DialogueStateTracker.from_events(tracker.sender_id, events[:cut], tracker.slots.values())
    slots: list[Event] = [
        SlotSet(name, value) for name, value in before.current_slot_values().items() if value is not None
    ]
    loop = [ActiveLoop(before.active_loop_name)] if before.active_loop_name else []
    return [*slots, *loop, *events[cut:]]


def _slim(event: Event) -> dict[str, Any]:
    """An event without what only the turn itself needed: rankings are not kept."""
    data = event.as_dict()
    if data.get("event") == "user":
        parse = data.get("parse_data") or {}
        kept = ("intent", "entities", "text", "message_id", "metadata", "understanding", "writing")
        data["parse_data"] = {key: parse[key] for key in kept if key in parse}
    return data
