"""The clocks of a case, played through random lives against a plain count of office seconds."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.cases import sla
from bot.cases.office_hours import OfficeHours
from bot.cases.sla import Terms

OUJDA = OfficeHours(dict.fromkeys(range(5), ((510, 990),)))
NADOR = OfficeHours(dict.fromkeys(range(6), ((540, 720), (840, 1020))))
HOUR = timedelta(hours=1)


def terms(hours):
    return Terms(hours, first_reply=4 * HOUR, urgent_reply=HOUR, resolution=40 * HOUR)


START = datetime(2027, 2, 1, 9, 0, tzinfo=UTC)
acts = st.lists(
    st.tuples(st.sampled_from(["hear", "reply", "transfer", "look"]), st.integers(0, 60 * 3600)), max_size=12
)


@given(acts, st.booleans())
def test_a_clock_counts_office_seconds_in_which_the_person_waited_and_no_others(acts, urgent):
    now, hours, clocks = START, OUJDA, sla.start(terms(OUJDA), urgent=urgent, now=START)
    waited, before_reply, waits, replied = timedelta(), timedelta(), True, False
    for act, seconds in acts:
        later = now + timedelta(seconds=seconds)
        if waits:
            waited += hours.between(now, later)
        if not replied:
            before_reply += hours.between(now, later)
        now = later
        if act == "hear":
            clocks, waits = sla.hear(clocks, now), True
        elif act == "reply":
            clocks, waits, replied = sla.reply(clocks, hours, now), False, True
        elif act == "transfer":
            clocks, hours = sla.transfer(clocks, old=hours, now=now), NADOR if hours is OUJDA else OUJDA
    spent = clocks.spent(hours, now)
    assert spent.resolution_left == max(40 * HOUR - waited, timedelta())
    assert (spent.reply_left is None) == replied
    if not replied:
        assert spent.reply_left == max((HOUR if urgent else 4 * HOUR) - before_reply, timedelta())
    assert (clocks.resolution_due_at(hours) is None) == (not waits)


@given(st.integers(0, 200 * 3600), st.integers(0, 200 * 3600))
def test_what_is_due_is_due_at_one_moment_however_often_one_looks(first, second):
    clocks = sla.start(terms(OUJDA), urgent=False, now=START)
    due = clocks.reply_due_at(OUJDA)
    looked = clocks.spent(OUJDA, START + timedelta(seconds=min(first, second)))
    if START + timedelta(seconds=min(first, second)) < due:
        assert looked.reply_due_at(OUJDA) == due


def test_a_transfer_goes_on_in_the_new_cells_hours():
    """Three of four hours are spent on Friday; at Nador half an hour is left of Friday, and Saturday is a working day."""
    friday = datetime(2027, 1, 8, 12, 30, tzinfo=UTC)
    clocks = sla.start(terms(OUJDA), urgent=False, now=friday)
    assert clocks.reply_due_at(OUJDA) == datetime(2027, 1, 11, 8, 30, tzinfo=UTC)
    moved = sla.transfer(clocks, old=OUJDA, now=friday + 3 * HOUR)
    assert moved.reply_due_at(NADOR) == datetime(2027, 1, 9, 8, 30, tzinfo=UTC)


def test_a_case_that_becomes_urgent_is_due_sooner_and_one_that_is_answered_is_not():
    clocks = sla.start(terms(OUJDA), urgent=False, now=START)
    assert sla.raise_urgency(clocks, terms(OUJDA), START).reply_left == HOUR
    answered = sla.reply(clocks, OUJDA, START)
    assert sla.raise_urgency(answered, terms(OUJDA), START).reply_left is None
