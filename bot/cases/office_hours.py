"""Office hours: when a cell is open, when it opens next, and how much office time lies between two moments.

Pure: no database, no clock. Hours are written in local time; moments are aware. Morocco puts its clock back for Ramadan,
so that local times are turned into moments day by day and lengths are measured in UTC.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.clock import MOROCCO

#: Opening and closing, in minutes after local midnight.
Span = tuple[int, int]
#: Spans by weekday, 0 is Monday.
Week = Mapping[int, tuple[Span, ...]]

#: How far ahead an opening is looked for: a cell that does not open within this has no hours.
HORIZON = timedelta(days=400)

_MINUTES_OF_DAY = 24 * 60


class HoursInvalid(ValueError):
    """Hours that cannot be read; the message is the text that is wrong."""


@dataclass(frozen=True)
class Season:
    """Days in which another week holds (Ramadan). Both days belong to it."""

    first_day: date
    last_day: date
    week: Week


@dataclass(frozen=True)
class OfficeHours:
    """A week, the seasons in which another week holds, and the days on which the office is closed."""

    week: Week
    seasons: tuple[Season, ...] = ()
    closed_days: frozenset[date] = field(default_factory=frozenset)
    zone: ZoneInfo = MOROCCO

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The hours of a day."""
        if day in self.closed_days:
            return ()
        season = next((season for season in self.seasons if season.first_day <= day <= season.last_day), None)
        return (season.week if season else self.week).get(day.weekday(), ())

    def is_open(self, moment: datetime) -> bool:
        """Whether the office is open at a moment."""
        opening = next(self.openings(moment), None)
        return opening is not None and opening[0] <= moment < opening[1]

    def opens_at(self, moment: datetime) -> datetime | None:
        """The moment itself if the office is open, otherwise when it opens next; None for an office without hours."""
        opening = next(self.openings(moment), None)
        return None if opening is None else max(opening[0], moment)

    def openings(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Openings that are not over at a moment, in order, as moments in UTC."""
        day = moment.astimezone(self.zone).date()
        last_day = day + HORIZON
        while day <= last_day:
            for opens, closes in self.spans_on(day):
                opening = (self._moment(day, opens), self._moment(day, closes))
                if opening[0] < opening[1] and moment < opening[1]:
                    yield opening
            day += timedelta(days=1)

    def add(self, start: datetime, office_time: timedelta) -> datetime | None:
        """The moment at which so much office time has passed since ``start``; None for an office without hours."""
        left = office_time
        for opens, closes in self.openings(start):
            begin = max(opens, start)
            if left <= closes - begin:
                return begin + left
            left -= closes - begin
        return None

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much office time lies between two moments; none if ``end`` is not after ``start``."""
        total = timedelta()
        for opens, closes in self.openings(start):
            if opens >= end:
                break
            total += min(closes, end) - max(opens, start)
        return total

    def _moment(self, day: date, minutes: int) -> datetime:
        days, minutes = divmod(minutes, _MINUTES_OF_DAY)
        local = datetime.combine(day + timedelta(days=days), time(*divmod(minutes, 60)), tzinfo=self.zone)
        return local.astimezone(UTC)


ALWAYS_OPEN = OfficeHours(dict.fromkeys(range(7), ((0, _MINUTES_OF_DAY),)), zone=ZoneInfo("UTC"))


def parse_spans(text: str) -> tuple[Span, ...]:
    """The hours of a day from "08:30-12:00, 13:00-16:30"; "" is closed. Raises HoursInvalid."""
    spans = [_parse_span(part) for part in text.replace("\u2013", "-").replace(";", ",").split(",") if part.strip()]
    for (_, closes), (opens, _) in pairwise(spans):
        if opens < closes:
            raise HoursInvalid(text)
    return tuple(spans)


def format_spans(spans: tuple[Span, ...]) -> str:
    """Hours as ``parse_spans`` reads them."""
    return ", ".join(f"{_format_time(opens)}-{_format_time(closes)}" for opens, closes in spans)


def _parse_span(text: str) -> Span:
    try:
        opens, closes = (_parse_time(part) for part in text.split("-"))
    except ValueError:
        raise HoursInvalid(text.strip()) from None
    if not 0 <= opens < closes <= _MINUTES_OF_DAY:
        raise HoursInvalid(text.strip())
    return opens, closes


def _parse_time(text: str) -> int:
    hours, minutes = (int(part) for part in text.strip().split(":"))
    if not (0 <= minutes < 60 and hours >= 0):  # noqa: PLR2004 - minutes of an hour
        raise ValueError(text)
    return hours * 60 + minutes


def _format_time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
