"""The time in which a channel lets us write freely: WhatsApp gives 24 hours after a person's last message, others no limit.

What is written when the window is closed is parked (bot/deliveries.py) until the person writes.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from bot.aliases import find_alias

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
    """The window of a person on a channel. Closed from the beginning for who has never written there.

    Kept with the address and not read from the messages, so that it is still known once these have been deleted.
    """
    length = WINDOW_OF_CHANNEL.get(channel)
    if length is None:
        return Window(None)
    alias = find_alias(session, person_id, channel)
    heard_at = alias.heard_at if alias else None
    return Window(heard_at + length if heard_at else datetime.min.replace(tzinfo=UTC))
