"""The calendar of administrations: every entry has a source, computed Hijri days are computed again."""

from datetime import date, timedelta
from pathlib import Path

import knowledge
from bot.cases.office_hours import format_spans
from bot.clock import MOROCCO
from bot.data_files import read_yaml
from knowledge.calendar import load_calendar

DATA = read_yaml(Path(knowledge.__file__).parent / "cells" / "calendar.yml")


def gregorian(year, month, day):
    """The tabular Hijri calendar (civil epoch, leap years 2, 5, 7, 10, 13, 16, 18, 21, 24, 26, 29 of thirty)."""
    days = (11 * year + 3) // 30 + 354 * year + 30 * month - (month - 1) // 2 + day + 1948440 - 385
    return date.fromordinal(days - 1721425)


def test_every_part_names_its_source_and_when_it_was_seen():
    for part in DATA.values():
        assert part["source"].strip()
        assert part["url"].startswith("https://")
        assert isinstance(part["seen_on"], date)


def test_what_is_assumed_or_computed_says_that_it_is_to_be_confirmed():
    assert DATA["week"]["confirmed"] is False
    assert all(month["confirmed"] is False for month in DATA["ramadan"]["months"])
    assert DATA["religious_holidays"]["confirmed"] is False


def test_the_computed_days_are_those_of_the_tabular_calendar():
    months = {"muharram": (1, 1), "mawlid": (3, 12), "fitr": (10, 1), "adha": (12, 10)}
    for row in DATA["religious_holidays"]["days"]:
        assert row["first_day"] == gregorian(row["hijri_year"], *months[row["name"]]), row
    for row in DATA["ramadan"]["months"]:
        assert row["first_day"] == gregorian(row["hijri_year"], 9, 1)
        assert row["last_day"] == gregorian(row["hijri_year"], 10, 1) - timedelta(days=1)


def test_every_feast_of_the_coming_years_is_there():
    names = [(row["first_day"].year, row["name"]) for row in DATA["religious_holidays"]["days"]]
    assert len(names) == len(set(names))
    for year in (2026, 2027, 2028, 2029):
        assert {name for when, name in names if when == year} == {"muharram", "mawlid", "fitr", "adha"}


def test_the_clock_of_morocco_is_back_throughout_ramadan():
    """The zone's own forecast of Ramadan agrees with ours."""
    for month in load_calendar().ramadans:
        for day in (month.first_day, month.last_day):
            noon = __import__("datetime").datetime(day.year, day.month, day.day, 12, tzinfo=MOROCCO)
            assert noon.utcoffset() == timedelta(0)


def test_holidays_come_in_order_with_names_in_three_languages():
    holidays = load_calendar().holidays(2027, 2027)
    assert [holiday.day for holiday in holidays] == sorted(holiday.day for holiday in holidays)
    assert len(holidays) == 11 + 7
    assert all(set(holiday.name) == {"ar", "fr", "en"} for holiday in holidays)
    assert format_spans(load_calendar().ramadan_week[0]) == "09:00-15:00"
