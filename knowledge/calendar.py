"""The calendar of administrations: the week, Ramadan, public holidays. Read from cells/calendar.yml, each with its source."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.cases.office_hours import Season, Week, parse_spans
from bot.data_files import read_yaml
from knowledge.model import Text

_PATH = Path(__file__).resolve().parent / "cells" / "calendar.yml"

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Holiday:
    """A day on which administrations are closed. ``is_confirmed`` is false for days that the moon decides."""

    day: date
    name: Text
    is_confirmed: bool


@dataclass(frozen=True)
class Ramadan:
    """A month of Ramadan; both days belong to it."""

    first_day: date
    last_day: date
    is_confirmed: bool


@dataclass(frozen=True)
class Calendar:
    """What holds for every cell that has not said otherwise."""

    week: Week
    is_week_confirmed: bool
    ramadan_week: Week
    ramadans: tuple[Ramadan, ...]
    national: tuple[tuple[int, int, Text], ...]
    religious: tuple[Holiday, ...]
    _days_off: dict[tuple[int, int], frozenset[date]] = field(default_factory=dict, compare=False, repr=False)

    def seasons(self, week: Week | None = None) -> tuple[Season, ...]:
        """The months of Ramadan with a cell's own hours, or everybody's."""
        hours = self.ramadan_week if week is None else week
        return tuple(Season(month.first_day, month.last_day, hours) for month in self.ramadans)

    def holidays(self, first_year: int, last_year: int) -> tuple[Holiday, ...]:
        """The public holidays of these years, in order."""
        national = [
            Holiday(date(year, month, day), name, is_confirmed=True)
            for year in range(first_year, last_year + 1)
            for month, day, name in self.national
        ]
        religious = [holiday for holiday in self.religious if first_year <= holiday.day.year <= last_year]
        return tuple(sorted([*national, *religious], key=lambda holiday: holiday.day))

    def days_off(self, first_year: int, last_year: int) -> frozenset[date]:
        """The days of these holidays, worked out once: each cell asks for the same."""
        years = first_year, last_year
        if years not in self._days_off:
            self._days_off[years] = frozenset(holiday.day for holiday in self.holidays(*years))
        return self._days_off[years]


def read_week(hours: list[str]) -> Week:
    """A week from seven texts, Monday first; raises HoursInvalid."""
    return {weekday: parse_spans(text) for weekday, text in enumerate(hours)}


@cache
def load_calendar(path: Path = _PATH) -> Calendar:
    """Read the calendar."""
    data: dict[str, Any] = read_yaml(path)
    religious = data["religious_holidays"]
    return Calendar(
        week=_week(data["week"]["hours"]),
        is_week_confirmed=data["week"]["confirmed"],
        ramadan_week=_week(data["ramadan"]["hours"]),
        ramadans=tuple(
            Ramadan(month["first_day"], month["last_day"], month["confirmed"]) for month in data["ramadan"]["months"]
        ),
        national=tuple(
            (*(int(part) for part in str(row["day"]).split("-")), row["name"])
            for row in data["national_holidays"]["days"]
        ),
        religious=tuple(
            Holiday(
                row["first_day"] + timedelta(days=number),
                religious["names"][row["name"]],
                row.get("confirmed", religious["confirmed"]),
            )
            for row in religious["days"]
            for number in range(row["days"])
        ),
    )


def _week(hours: dict[str, str]) -> Week:
    return read_week([hours[weekday] for weekday in WEEKDAYS])
