"""Office hours: property-tested over weekends, holidays, Ramadan and its change of the clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases.office_hours import ALWAYS_OPEN, HoursInvalid, OfficeHours, Season, format_spans, parse_spans
from bot.clock import MOROCCO

OFFICE = dict.fromkeys(range(5), ((510, 990),))
RAMADAN = Season(date(2027, 2, 8), date(2027, 3, 9), dict.fromkeys(range(5), ((540, 900),)))
MARCH = OfficeHours(OFFICE, (RAMADAN,), frozenset({date(2027, 1, 11), date(2027, 3, 10), date(2027, 3, 11)}))


def local(*parts):
    return datetime(*parts, tzinfo=MOROCCO)


moments = st.datetimes(datetime(2026, 12, 20), datetime(2027, 4, 20)).map(lambda moment: moment.replace(tzinfo=UTC))
lengths = st.integers(0, 80 * 3600).map(lambda seconds: timedelta(seconds=seconds))
spans = st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True).map(
    lambda edges: tuple(zip(sorted(edges)[0::2], sorted(edges)[1::2], strict=False))
)
weeks = st.dictionaries(st.integers(0, 6), spans, min_size=1)
offices = st.builds(
    OfficeHours,
    week=weeks,
    seasons=st.sampled_from([(), (RAMADAN,)]),
    closed_days=st.frozensets(st.dates(date(2026, 12, 20), date(2027, 4, 20)), max_size=20),
    zone=st.sampled_from([MOROCCO, ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")]),
)


@given(offices, moments, lengths)
def test_what_is_added_is_what_lies_between(hours, start, length):
    end = hours.add(start, length)
    if end is not None:
        assert end >= start
        assert hours.between(start, end) == length


@given(offices, moments, moments, moments)
def test_time_between_adds_up(hours, one, two, three):
    first, second, third = sorted([one, two, three])
    assert hours.between(first, second) + hours.between(second, third) == hours.between(first, third)
    assert timedelta() <= hours.between(first, third) <= third - first


@given(offices, moments)
def test_it_opens_when_it_says(hours, moment):
    opens_at = hours.opens_at(moment)
    if opens_at is None:
        return
    assert opens_at >= moment
    assert hours.is_open(opens_at)
    assert hours.is_open(moment) == (opens_at == moment)
    assert hours.between(moment, opens_at) == timedelta()


@given(offices, moments)
def test_a_closed_day_has_no_office_time(hours, moment):
    if moment.astimezone(hours.zone).date() in hours.closed_days:
        assert not hours.is_open(moment)


@given(moments, moments)
def test_an_office_that_never_closes_counts_every_second(one, two):
    start, end = sorted([one, two])
    assert ALWAYS_OPEN.between(start, end) == end - start


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (local(2027, 1, 8, 15, 30), 4, local(2027, 1, 12, 11, 30)),  # Friday; Monday 11 January is a holiday
        (local(2027, 2, 5, 15, 30), 4, local(2027, 2, 8, 12, 0)),  # the clock goes back on Sunday, Ramadan on Monday
        (local(2027, 3, 9, 14, 0), 2, local(2027, 3, 12, 9, 30)),  # the last day of Ramadan, then the feast
        (local(2027, 3, 12, 16, 0), 1, local(2027, 3, 15, 9, 0)),  # the clock goes forward on Sunday
        (local(2026, 12, 26, 12, 0), 0, local(2026, 12, 28, 8, 30)),  # nothing to do begins at the next opening
    ],
)
def test_weekends_holidays_ramadan_and_the_clock(start, hours, end):
    assert MARCH.add(start, timedelta(hours=hours)) == end


def test_half_past_eight_is_half_past_eight_before_during_and_after_the_change_of_the_clock():
    openings = [
        opening[0].astimezone(MOROCCO) for opening, _ in zip(MARCH.openings(local(2027, 2, 1)), range(40), strict=False)
    ]
    assert {opening.strftime("%H:%M") for opening in openings if opening.date() < date(2027, 2, 8)} == {"08:30"}
    assert {
        opening.strftime("%H:%M") for opening in openings if RAMADAN.first_day <= opening.date() <= RAMADAN.last_day
    } == {"09:00"}
    assert {opening.utcoffset() for opening in openings} == {timedelta(0), timedelta(hours=1)}


def test_an_office_without_hours_never_opens():
    assert OfficeHours({}).opens_at(local(2027, 1, 4)) is None
    assert OfficeHours({}).add(local(2027, 1, 4), timedelta(hours=1)) is None


@given(spans)
def test_hours_are_read_as_they_are_written(spans):
    assert parse_spans(format_spans(spans)) == spans


@pytest.mark.parametrize(
    "text", ["8-16", "25:00-26:00", "16:30-08:30", "08:30", "08:30-12:00, 11:00-13:00", "a:b-c:d", "08:61-09:00"]
)
def test_hours_that_cannot_be_are_refused(text):
    with pytest.raises(HoursInvalid):
        parse_spans(text)
