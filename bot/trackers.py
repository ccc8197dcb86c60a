"""Rasa's record of each conversation. Nothing here commits: the caller's transaction does."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base, Rows, UtcDateTime
from bot.store.results import rows_changed


class Tracker(Base):
    """Rasa's record of one conversation, as JSON."""

    __tablename__ = "trackers"

    sender_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


# Read and written on every turn: built once.
_trackers = Base.metadata.tables["trackers"]


def save_tracker(rows: Rows, sender_id: str, data: dict[str, Any], now: datetime) -> None:
    """Store Rasa's record of a conversation."""
    changed = rows.execute(_SAVE_TRACKER, {"sender": sender_id, "record": data, "now": now})
    if not rows_changed(changed):
        rows.execute(insert(_trackers), {"sender_id": sender_id, "data": data, "updated_at": now})


_SAVE_TRACKER = (
    update(_trackers)
    .where(_trackers.c.sender_id == bindparam("sender"))
    .values(data=bindparam("record"), updated_at=bindparam("now"))
)


def find_tracker(rows: Rows, sender_id: str) -> dict[str, Any] | None:
    """Rasa's record of a conversation."""
    return rows.scalar(_TRACKER, {"sender": sender_id})


_TRACKER = select(_trackers.c.data).where(_trackers.c.sender_id == bindparam("sender"))
