"""What appears without a reload: news of one's own cell, colleagues at the same case, nothing after signing out."""

import asyncio
import json

import pytest

from bot.cases import lifecycle, repository, views
from channels.desk import live
from channels.desk.live import Live
from channels.staff import accounts
from tests.fixtures.people import add_case, add_person


class Visitor:
    """A request of a browser that stays for so many looks."""

    def __init__(self, looks, cookies=None):
        self.looks, self.cookies, self.headers = looks, cookies or {}, {"user-agent": "testclient"}

    async def is_disconnected(self):
        self.looks -= 1
        return self.looks < 0


@pytest.fixture
def desk(house, now, monkeypatch, cases):
    monkeypatch.setattr(live, "_EVERY_SECONDS", 0.0)
    house.desk.front.now = lambda: now
    return Live(house.desk.front)


@pytest.fixture
def me(house, now, cases):
    with house.database.write() as session:
        begun = accounts.sign_in(
            session, username="amina", password="a long enough password", browser="testclient", now=now
        )
        return accounts.find_signed_in(session, begun.key, now, browser="testclient"), begun.key


def read(desk, me, looks, between=None, **where):
    """The events of some looks; ``between`` happens after the first."""

    async def collect():
        visitor, found = Visitor(looks), []
        if between is not None:
            stay, visitor.is_disconnected = visitor.is_disconnected, None

            async def is_disconnected():
                if visitor.looks == looks - 1:
                    between()
                return await stay()

            visitor.is_disconnected = is_disconnected
        async for event in desk.stream(visitor, me[0], **{"after": None, "case_id": "", **where}):
            found.append((event.event, json.loads(event.data)))
        return found

    return asyncio.run(collect())


def test_a_new_case_of_the_own_cell_is_news_and_another_cells_is_not(desk, me, house, now, cases):
    opened = []

    def open_two():
        with house.database.write() as session:
            opened.append(add_case(session, add_person(session, now, "x"), now).id)
            add_case(session, add_person(session, now, "y"), now, cell_id="cell-nador")

    events = read(desk, me, 3, open_two)
    assert events == [("news", {"cases": opened, "loud": opened, "mentioned": False})]


def test_what_was_missed_is_told_from_the_last_event_that_was_seen(desk, me, house, cases):
    (event,) = read(desk, me, 1, after=0)
    assert event[1]["cases"] == [cases["own"]]
    with house.database.read() as session:
        last = repository.last_event_id(session, "cell-oujda")
    assert read(desk, me, 2, after=last) == []


def test_what_one_does_oneself_is_quiet_and_a_mention_is_not(desk, me, house, now, cases):
    def note(by, mentions):
        with house.database.write() as session:
            case = repository.get_case(session, case_id=cases["own"], cell_id="cell-oujda")
            lifecycle.note(session, case, text="x", mentions=mentions, by=by, now=now)

    ((_, own),) = read(desk, me, 3, lambda: note("amina", []))
    assert (own["loud"], own["mentioned"]) == ([], False)
    ((_, theirs),) = read(desk, me, 3, lambda: note("brahim", ["amina"]))
    assert theirs["mentioned"] is True


def test_colleagues_at_the_same_case_are_seen_until_they_leave(desk, me, house, now, cases):
    def be(state):
        with house.database.write() as session:
            if state == "left":
                views.leave(session, agent_id="brahim", case_id=cases["own"])
            else:
                views.be_present(session, agent_id="brahim", case_id=cases["own"], is_typing=state == "typing", now=now)
                views.be_present(session, agent_id="amina", case_id=cases["own"], is_typing=True, now=now)

    assert read(desk, me, 2, lambda: be("typing"), case_id=cases["own"])[-1] == (
        "presence",
        [{"name": "brahim", "typing": True}],
    )
    assert read(desk, me, 1, case_id=cases["own"]) == [("presence", [{"name": "brahim", "typing": True}])]
    be("left")
    assert read(desk, me, 1, case_id=cases["own"]) == [("presence", [])]


def test_the_stream_ends_with_the_sign_in(desk, me, house, monkeypatch):
    monkeypatch.setattr(live, "_LOOKS_PER_CHECK", 2)
    with house.database.write() as session:
        accounts.sign_out(session, me[1])
    assert read(desk, me, 10)[-1] == ("signed-out", {})


def test_presence_is_told_by_a_form_of_the_own_session_only(amina, sign_in, cases, house, now):
    path = f"/desk/cases/{cases['own']}/presence"
    assert amina.post(path, {"state": "typing"}).status_code == 200
    assert amina.client.post(path, data={"state": "typing"}).status_code == 403
    with house.database.read() as session:
        from bot.clock import utc_now

        assert [row.is_typing for row in repository.list_present(session, cases["own"], utc_now())] == [True]
