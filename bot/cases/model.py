"""A case: one lasting request for human help, told by its events. Status and owner are derived from them, never set by hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import VARCHAR
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base, UtcDateTime

Status = Literal["pending", "open", "assigned", "closed"]
EventKind = Literal[
    "received",  # consented, but no cell can take it yet: the bot goes on
    "opened",  # handed to a cell
    "assigned",  # to the agent in ``data["to"]``
    "released",  # back to the cell's pool
    "transferred",  # leaves a cell, for the one in ``data["to"]``
    "arrived",  # at the new cell
    "wrote",  # the person did
    "replied",
    "noted",
    "labelled",
    "flagged",  # danger was recognised
    "reminded",  # the cell, of a clock that runs out
    "closed",
    "reopened",
    "merged",  # into the case in ``data["into"]``
    "joined",  # took in the case in ``data["from"]``
    "rated",
]

#: What the list shows first: urgent cases, then the others, then closed ones.
RANK_URGENT, RANK_LIVE, RANK_CLOSED = 0, 1, 2


class Case(Base):
    """One request, owned by one cell. ``status``, ``agent_id`` and ``rank`` repeat what the events say, for quick lists.

    ``version`` counts what the desk has done: a form made for an older one is refused. The ``*_left_s`` are office seconds.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_list", "cell_id", "rank", "opened_at"),
        Index("ix_cases_closed", "cell_id", "closed_at"),
        Index("ix_cases_newest", "cell_id", "opened_at"),
        Index("ix_cases_agent", "agent_id", "rank"),
        Index("ix_cases_reply_due", "reply_due_at"),
        Index("ix_cases_resolution_due", "resolution_due_at"),
        Index("ix_cases_opened", "opened_at"),
        # Only what was merged: an index that is nearly all empty would be thought useless and not be used.
        Index(
            "ix_cases_merged",
            "merged_into",
            sqlite_where=text("merged_into IS NOT NULL"),
            postgresql_where=text("merged_into IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    reference: Mapped[str] = mapped_column(String(7), unique=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("persons.id", ondelete="SET NULL"), index=True)
    cell_id: Mapped[str] = mapped_column(String(64))
    place_id: Mapped[str] = mapped_column(String(64))
    distance_km: Mapped[float] = mapped_column()
    language: Mapped[str] = mapped_column(String(2))
    channel: Mapped[str] = mapped_column(String(20))
    topic: Mapped[str] = mapped_column(String(20), default="")
    urgency: Mapped[str] = mapped_column(String(20), default="")
    summary: Mapped[dict[str, Any]] = mapped_column(JSON)
    route: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    status: Mapped[str] = mapped_column(String(8), default="open")
    rank: Mapped[int] = mapped_column(default=RANK_LIVE)
    version: Mapped[int] = mapped_column(default=0)
    agent_id: Mapped[str | None] = mapped_column(ForeignKey("agents.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_replied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_reply_s: Mapped[int | None] = mapped_column()
    reply_left_s: Mapped[int | None] = mapped_column()
    resolution_left_s: Mapped[int] = mapped_column(default=0)
    running_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reply_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolution_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    window_reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    merged_into: Mapped[str | None] = mapped_column(String(32))
    score: Mapped[str] = mapped_column(String(8), default="")
    rated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CaseEvent(Base):
    """Something that happened to a case, seen by the cell in ``cell_id``."""

    __tablename__ = "case_events"
    __table_args__ = (
        Index("ix_case_events_case", "case_id", "id"),
        Index("ix_case_events_cell", "cell_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"))
    cell_id: Mapped[str] = mapped_column(String(64), default="")
    kind: Mapped[str] = mapped_column(String(20))
    agent_id: Mapped[str | None] = mapped_column(ForeignKey("agents.id"))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseLabel(Base):
    """A word by which a cell finds a case again."""

    __tablename__ = "case_labels"
    __table_args__ = (Index("ix_case_labels_name", "cell_id", "name"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    cell_id: Mapped[str] = mapped_column(String(64))


class CaseWord(Base):
    """A word that occurs in a case, as search looks for it."""

    __tablename__ = "case_words"
    # The table is its own index: a search reads one stretch of it.
    __table_args__ = (Index("ix_case_words_case", "case_id"), {"sqlite_with_rowid": False})

    cell_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    # Compared by code point everywhere, so that the beginnings of words can be looked up in the index.
    word: Mapped[str] = mapped_column(
        String(24).with_variant(VARCHAR(24, collation="C"), "postgresql"), primary_key=True
    )
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)


class Mention(Base):
    """An agent named in a note."""

    __tablename__ = "mentions"

    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Presence(Base):
    """Who has which case open, and whether they are typing. Old rows mean nothing."""

    __tablename__ = "presences"

    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), primary_key=True, index=True)
    is_typing: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SavedView(Base):
    """A filter of the list that an agent gave a name."""

    __tablename__ = "saved_views"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True)
class Standing:
    """What a case's events amount to: its status, its cell and who owns it."""

    status: Status
    agent_id: str | None = None
    cell_id: str = ""


def standing_after(events: Iterable[CaseEvent]) -> Standing:
    """The standing that events amount to; raises ValueError for a case that was never received or opened."""
    standing: Standing | None = None
    for event in events:
        standing = standing_after_event(standing, event)
    if standing is None:
        raise ValueError("a case begins with its opening")
    return standing


def standing_after_event(before: Standing | None, event: CaseEvent) -> Standing:
    """The standing after one more event; raises ValueError where the first is not the opening."""
    if before is None and event.kind not in ("received", "opened"):
        raise ValueError("a case begins with its opening")
    match event.kind:
        case "received":
            return Standing("pending", None, event.cell_id)
        case "opened" | "released" | "arrived" | "reopened":
            return Standing("open", None, event.cell_id)
        case "assigned":
            return Standing("assigned", event.data.get("to"), event.cell_id)
        case "closed" | "merged":
            return Standing("closed", before.agent_id if before else None, event.cell_id)
        case _:
            return before or Standing("open", None, event.cell_id)
