"""Two people become one: whatever both had, one case is left, and nothing of either is lost."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot import conversations, files
from bot.cases import lifecycle, repository, service
from bot.cases.model import Case, standing_after
from bot.conversations import Message, Person
from bot.linking import link
from bot.messages import OutboundMessage
from bot.store.database import Database
from channels.desk import pages
from channels.staff import accounts
from channels.staff.catalogue import staff_words
from knowledge.library import load_library
from tests.fixtures.people import BOOK, add_case, add_inbound, add_person, terms_of

CELLS = ("cell-oujda", "cell-nador")


@dataclass(frozen=True)
class Half:
    """What one of the two had before."""

    cell: str
    minutes: int
    messages: int
    is_owned: bool
    is_answered: bool
    is_urgent: bool
    has_note: bool
    label: str


halves = st.builds(
    Half,
    cell=st.sampled_from(CELLS),
    minutes=st.integers(0, 90),
    messages=st.integers(0, 3),
    is_owned=st.booleans(),
    is_answered=st.booleans(),
    is_urgent=st.booleans(),
    has_note=st.booleans(),
    label=st.sampled_from(("", "papers", "school")),
)
NOTHING = Half("cell-oujda", 0, 0, False, False, False, False, "")


@pytest.fixture
def agents(database: Database, now):
    with database.write() as session:
        for cell in CELLS:
            for name in ("one", "other"):
                agent = accounts.add_agent(
                    session, username=f"{name}.{cell}", password="long enough to pass", cell_id=cell, language="fr", now=now
                )  # fmt: skip
                agent.id = f"{name}-{cell}"


def live_through(session, person: Person, half: Half, name: str, start) -> Case:
    """Bring one half to where it stands; everything in it carries its name."""
    at = start + timedelta(minutes=half.minutes)
    urgent = {"urgent_type": "violence"} if half.is_urgent else {}
    case = add_case(session, person, at, cell_id=half.cell, question=f"question{name}", **urgent)
    agent = f"{name}-{half.cell}"
    for number in range(half.messages):
        at += timedelta(minutes=7)
        message = add_inbound(session, person, f"word{name}{number}", at, f"{name}{number}")
        service.receive_message(session, case, message.id, now=at, terms_of=terms_of)
        files.ask_for(
            session, BOOK, message_id=message.id, person_id=person.id, channel="web", kind="photo", reference="r", size=1, now=at
        )  # fmt: skip
    if half.is_owned or half.is_answered:
        lifecycle.assign(session, case, to=agent, by=agent, now=at)
    if half.is_answered:
        said = OutboundMessage(f"reply{name}", language="fr")
        service.reply(session, case, agent_id=agent, message=said, now=at, terms_of=terms_of)
    if half.has_note:
        lifecycle.note(session, case, text=f"note{name}", mentions=[agent], by=agent, now=at)
    lifecycle.set_labels(session, case, [half.label], by=agent, now=at)
    return case


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(one=halves, other=halves, later=st.integers(0, 600))
def test_one_live_case_is_left_with_everything_of_both(database, agents, now, one, other, later):
    with database.write() as session:
        people = [add_person(session, now, name) for name in ("one", "other")]
        cases = [
            live_through(session, people[0], one, "one", now),
            live_through(session, people[1], other, "other", now),
        ]
        due = {case.id: case.reply_due_at for case in cases}
        waiting = [case.waiting_since for case in cases if case.waiting_since]
        texts = [message.text for person in people for message in conversations.list_messages(session, person.id)]
        moment = now + timedelta(minutes=later + 120)
        link(session, old=people[0].id, new=people[1].id, now=moment, terms_of=terms_of)
        session.flush()
        session.expire_all()
        kept, gone = sorted(cases, key=lambda case: case.status == "closed")

        # One case is left, and it is the right one.
        assert (gone.status, gone.merged_into, kept.merged_into) == ("closed", kept.id, None)
        assert repository.find_live_case(session, people[1].id) is kept
        assert session.get_one(Person, people[1].id).owner == "desk"
        had = {cases[0].id: one, cases[1].id: other}
        if one.cell == other.cell:
            claims = {key: half.is_owned or half.is_answered for key, half in had.items()}
        else:
            claims = {key: half.is_answered for key, half in had.items()}
        assert claims[kept.id] >= claims[gone.id]
        if claims[kept.id] == claims[gone.id]:
            assert kept.opened_at <= gone.opened_at
        for case in cases:
            standing = standing_after(repository.list_events(session, case.id))
            assert (standing.status, standing.agent_id, standing.cell_id) == (case.status, case.agent_id, case.cell_id)

        # Nothing is lost, and all of it stands in order.
        messages = repository.list_case_messages(session, kept.id)
        assert sorted(message.text for message in messages) == sorted(texts)
        assert [message.id for message in messages] == sorted(message.id for message in messages)
        assert not repository.list_case_messages(session, gone.id)
        kept_files = files.files_of(session, [message.id for message in messages])
        assert len(kept_files) == one.messages + other.messages
        assert all(row.person_id == people[1].id for rows in kept_files.values() for row in rows)
        items = pages.thread(
            messages, repository.list_thread_events(session, kept.id), {}, load_library(), "fr", others={gone.id: gone.reference}
        )  # fmt: skip
        assert [item.at for item in items] == sorted(item.at for item in items)
        told = [item for item in items if item.kind == "event" and item.reference == gone.reference]
        assert all("relié" not in item.text for item in told), "that it went into this one is said once"
        notes = {item.text for item in items if item.kind == "note"}
        assert notes == {f"note{name}" for name, half in (("one", one), ("other", other)) if half.has_note}
        labels = repository.labels_of(session, [kept.id, gone.id])
        assert set(labels.get(kept.id, [])) == {one.label, other.label} - {""}
        assert gone.id not in labels
        assert (kept.urgency != "") == (one.is_urgent or other.is_urgent)

        # It is found by the words and references of both, at its own cell only.
        for word in ("questionone", "questionother", kept.reference, gone.reference, *texts):
            found = repository.list_cases(
                session, cell_id=kept.cell_id, wanted=repository.CaseFilter(view="all", words=word)
            )
            assert kept in found, word
        assert gone not in repository.list_cases(
            session, cell_id=gone.cell_id, wanted=repository.CaseFilter(view="all", words="question")
        )

        # Who waits goes on waiting, and no clock has got more time.
        assert kept.waiting_since == min(waiting, default=None)
        assert (gone.waiting_since, gone.reply_due_at, gone.resolution_due_at) == (None, None, None)
        if due[kept.id] is not None:
            assert kept.reply_due_at is not None
            assert kept.reply_due_at <= max(due[kept.id], moment)
        session.rollback()


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
@pytest.mark.parametrize(
    "cells, is_answered", [(CELLS[:1] * 2, False), (CELLS, False), (CELLS, True)], ids=["same", "older", "answered"]
)
def test_the_agents_of_both_read_why(database, agents, now, language, cells, is_answered):
    library = load_library()
    with database.write() as session:
        people = [add_person(session, now, name) for name in ("one", "other")]
        older = live_through(session, people[0], NOTHING, "one", now)
        newer = live_through(
            session, people[1], Half(cells[1], 5, 1, is_answered, is_answered, False, False, ""), "other", now
        )
        link(session, old=people[0].id, new=people[1].id, now=now + timedelta(hours=1), terms_of=terms_of)
        kept, gone = (newer, older) if is_answered else (older, newer)
        for case, other in ((kept, gone), (gone, kept)):
            event = repository.list_events(session, case.id)[-1]
            assert event.cell_id == case.cell_id  # the cell hears of it
            told = pages.thread([], [event], {}, library, language)[0]
            assert other.reference in told.text
            assert told.who == staff_words(language)["bot"]
            assert (library.cells[other.cell_id].name[language] in told.text) == (cells[0] != cells[1])
        session.rollback()


def test_whoever_had_the_case_that_is_gone_finds_the_news_in_their_list(database, agents, now):
    owned = Half("cell-oujda", 0, 0, True, True, False, False, "")
    with database.write() as session:
        people = [add_person(session, now, name) for name in ("one", "other")]
        kept = live_through(session, people[0], owned, "one", now)
        gone = live_through(session, people[1], owned, "other", now + timedelta(minutes=1))
        link(session, old=people[1].id, new=people[0].id, now=now + timedelta(hours=1), terms_of=terms_of)
        assert gone.merged_into == kept.id
        assert repository.count_mentions(session, "other-cell-oujda") == 1
        assert repository.count_mentions(session, "one-cell-oujda") == 0


def test_replies_go_where_the_person_wrote_last(database, agents, now):
    with database.write() as session:
        one, other = (add_person(session, now, name) for name in ("one", "other"))
        kept = live_through(session, one, Half("cell-oujda", 0, 1, False, False, False, False, ""), "one", now)
        live_through(session, other, Half("cell-oujda", 5, 1, False, False, False, False, ""), "other", now)
        last = conversations.list_messages(session, other.id)[-1]
        last.channel = "telegram"
        session.flush()
        link(session, old=other.id, new=one.id, now=now + timedelta(hours=1), terms_of=terms_of)
        assert kept.channel == "telegram"


@pytest.mark.parametrize("who", ["old", "new", "nobody"])
def test_one_live_case_or_none_stays_as_it_is(database, agents, now, who):
    with database.write() as session:
        old, new = (add_person(session, now, name) for name in ("old", "new"))
        case = live_through(session, old if who == "old" else new, NOTHING, "one", now) if who != "nobody" else None
        version = case.version if case else 0
        link(session, old=old.id, new=new.id, now=now, terms_of=terms_of)
        session.expire_all()
        assert session.get_one(Person, new.id).owner == ("desk" if case else "bot")
        assert session.get(Person, old.id) is None
        if case:
            assert (case.person_id, case.version) == (new.id, version)
        assert not session.query(Message).filter_by(person_id=old.id).count()
