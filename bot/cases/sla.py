"""The two clocks of a case, in its cell's office hours: until the first reply, and until it is settled.

Pure. The first-reply clock runs from the handoff until somebody replies, whatever happens in between. The resolution clock
stands still while we wait for the person. A transfer takes what has been spent with it and goes on in the new cell's hours.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.cases.office_hours import OfficeHours


@dataclass(frozen=True)
class Terms:
    """What a cell owes a person: its hours, and how much office time it has."""

    hours: OfficeHours
    first_reply: timedelta
    urgent_reply: timedelta
    resolution: timedelta


@dataclass(frozen=True)
class Clocks:
    """Office time left. ``reply_left`` is None once somebody has replied; the clocks run since ``running_since``."""

    reply_left: timedelta | None
    resolution_left: timedelta
    running_since: datetime | None

    def reply_due_at(self, hours: OfficeHours) -> datetime | None:
        """When the first reply is due."""
        return self._due(self.reply_left, hours)

    def resolution_due_at(self, hours: OfficeHours) -> datetime | None:
        """When the case should be settled; None while we wait for the person."""
        return self._due(self.resolution_left, hours)

    def _due(self, left: timedelta | None, hours: OfficeHours) -> datetime | None:
        if left is None or self.running_since is None:
            return None
        # A clock that has run out was due when its time was over: as far back as it is overdrawn.
        return hours.add(self.running_since, left) if left > timedelta() else self.running_since

    def spent(self, hours: OfficeHours, now: datetime) -> "Clocks":
        """The same clocks with what has passed until now taken off, running since now."""
        if self.running_since is None:
            return self
        passed = hours.between(self.running_since, now)
        return Clocks(
            reply_left=None if self.reply_left is None else max(self.reply_left - passed, timedelta()),
            resolution_left=max(self.resolution_left - passed, timedelta()),
            running_since=now,
        )


def start(terms: Terms, *, urgent: bool, now: datetime) -> Clocks:
    """Both clocks of a case that is handed over now."""
    return Clocks(terms.urgent_reply if urgent else terms.first_reply, terms.resolution, now)


def reply(clocks: Clocks, hours: OfficeHours, now: datetime) -> Clocks:
    """Somebody replied: the first-reply clock is done, the other waits for the person."""
    return replace(clocks.spent(hours, now), reply_left=None, running_since=None)


def hear(clocks: Clocks, now: datetime) -> Clocks:
    """The person wrote: the resolution clock runs again, if it stood."""
    return clocks if clocks.running_since is not None else replace(clocks, running_since=now)


def transfer(clocks: Clocks, *, old: OfficeHours, now: datetime) -> Clocks:
    """What has been spent stays spent; what is left runs from now (in whatever hours it is asked of)."""
    return clocks.spent(old, now)


def raise_urgency(clocks: Clocks, terms: Terms, now: datetime) -> Clocks:
    """A case that becomes urgent has no more time for its first reply than an urgent one."""
    spent = clocks.spent(terms.hours, now)
    if spent.reply_left is None:
        return spent
    return replace(spent, reply_left=min(spent.reply_left, terms.urgent_reply))


def join(clocks: Clocks, other: Clocks, *, hours: OfficeHours, other_hours: OfficeHours, now: datetime) -> Clocks:
    """A case takes in another that is live too: it has no more time than either, and runs if either does."""
    spent, theirs = clocks.spent(hours, now), other.spent(other_hours, now)
    left = [time for time in (spent.reply_left, theirs.reply_left) if time is not None]
    is_running = clocks.running_since is not None or other.running_since is not None
    joined = Clocks(
        reply_left=None if spent.reply_left is None else min(left),
        resolution_left=min(spent.resolution_left, theirs.resolution_left),
        running_since=now if is_running else None,
    )
    # Where nothing changes, what is overdue stays as long overdue as it is.
    return clocks if joined == spent else joined


def stop(clocks: Clocks, hours: OfficeHours, now: datetime) -> Clocks:
    """The case is closed: nothing runs."""
    return replace(clocks.spent(hours, now), running_since=None)
