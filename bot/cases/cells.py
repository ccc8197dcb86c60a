"""What a cell decides for itself at the desk: hours, topics, languages, room, absences, ready-made replies."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base, UtcDateTime


class CellSettings(Base):
    """How a cell works. No row, or an empty field, means the default of all administrations.

    ``week`` and ``ramadan_week`` hold seven texts such as "08:30-16:30", Monday first.
    """

    __tablename__ = "cell_settings"

    cell_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    week: Mapped[list[str]] = mapped_column(JSON, default=list)
    ramadan_week: Mapped[list[str]] = mapped_column(JSON, default=list)
    keeps_holidays: Mapped[bool] = mapped_column(default=True)
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    capacity: Mapped[int] = mapped_column(default=0)
    is_accepting: Mapped[bool] = mapped_column(default=True)
    notice_email: Mapped[str] = mapped_column(String(254), default="")
    hours_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    notified_event: Mapped[int] = mapped_column(default=0)
    notified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Absence(Base):
    """Days on which an agent is away, or (without an agent) the cell is closed. Both days belong to it."""

    __tablename__ = "absences"
    __table_args__ = (Index("ix_absences_cell", "cell_id", "last_day"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    cell_id: Mapped[str] = mapped_column(String(64))
    agent_id: Mapped[str | None] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)


class CannedReply(Base):
    """A ready-made reply, linked in three languages: the agent picks in theirs, the person receives in theirs."""

    __tablename__ = "canned_replies"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    cell_id: Mapped[str] = mapped_column(String(64), index=True)
    title: Mapped[dict[str, Any]] = mapped_column(JSON)
    text: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
