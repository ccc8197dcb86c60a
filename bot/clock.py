"""The clock, so that every function that needs the time can be given one."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

MOROCCO = ZoneInfo("Africa/Casablanca")


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
