"""The time in which a channel lets us write freely: WhatsApp gives 24 hours after a person's last message, others no limit.

What is written when the window is closed is parked until the person writes.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.conversations import Message

#: How long after a person's last message free text may be sent, by channel. A channel that is not here has no limit.
WINDOW_OF_CHANNEL = {"whatsapp": timedelta(hours=24)}


@dataclass(frozen=True)
class Window:
    """When free text stops being allowed; None when the channel has no limit."""

    closes_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Whether free text may be sent at this moment."""
        return self.closes_at is None or now < self.closes_at


def window_of(session: Session, person_id: str, channel: str) -> Window:
    """The window of a person on a channel. Closed from the beginning for who has never written there."""
    length = WINDOW_OF_CHANNEL.get(channel)
    if length is None:
        return Window(None)
    last = session.scalar(
        select(Message.created_at)
        .where(Message.person_id == person_id, Message.channel == channel, Message.direction == "in")
        .order_by(Message.id.desc())
        .limit(1)
    )
    return Window(last + length if last else datetime.min.replace(tzinfo=UTC))


def has_parked(session: Session, person_id: str) -> bool:
    """Whether something waits for this person to write."""
    query = select(Message.id).where(Message.person_id == person_id, Message.parked_at.is_not(None)).limit(1)
    return session.scalar(query) is not None


def release_parked(session: Session, person_id: str) -> None:
    """The person wrote: what was parked for them may go out."""
    session.execute(
        update(Message).where(Message.person_id == person_id, Message.parked_at.is_not(None)).values(parked_at=None)
    )
