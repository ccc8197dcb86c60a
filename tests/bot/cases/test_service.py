import dataclasses

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot import conversations
from bot.cases import repository, service
from bot.cases.model import status_after
from bot.cases.service import CaseRequest, new_case
from bot.cases.summary import CaseSummary
from bot.errors import CaseClosed, CaseNotFound, ConsentMissing
from bot.messages import OutboundMessage
from tests.conftest import NOW
from tests.fixtures.people import add_case, add_inbound, add_person

CLOSING = OutboundMessage("closed", language="ar")


def test_open_case_refuses_without_consent(now):
    request = CaseRequest(
        person_id="p",
        has_consented=False,
        cell_id="cell-oujda",
        place_id="oujda",
        distance_km=0.0,
        language="fr",
        channel="web",
        summary=CaseSummary(),
    )
    with pytest.raises(ConsentMissing):
        new_case(request, now=now)
    assert new_case(dataclasses.replace(request, has_consented=True), now=now).status == "open"


def test_opening_gives_the_conversation_to_the_desk_and_closing_gives_it_back(database, now):
    with database.write() as session:
        person = add_person(session, now)
        case = add_case(session, person, now)
        session.expire_all()
        assert conversations.find_person(session, person.id).owner == "desk"
        service.reply(session, case, agent_id=None, text="hello", now=now)
        assert case.status == "assigned"
        assert service.close_case(session, case, agent_id=None, closing=CLOSING, now=now)
        session.expire_all()
        assert case.status == "closed"
        assert conversations.find_person(session, person.id).owner == "bot"


def test_a_closed_case_takes_no_reply_and_closes_only_once(database, now):
    with database.write() as session:
        person = add_person(session, now)
        case = add_case(session, person, now)
        assert service.close_case(session, case, agent_id=None, closing=CLOSING, now=now)
        assert not service.close_case(session, case, agent_id=None, closing=CLOSING, now=now)
        with pytest.raises(CaseClosed):
            service.reply(session, case, agent_id=None, text="too late", now=now)
        texts = [message.text for message in conversations.list_messages(session, person.id)]
        assert texts == ["closed"]


def test_another_cells_case_is_not_found(database, now):
    with database.write() as session:
        case = add_case(session, add_person(session, now), now, cell_id="cell-oujda")
        assert repository.get_case(session, case_id=case.id, cell_id="cell-oujda") is case
        with pytest.raises(CaseNotFound):
            repository.get_case(session, case_id=case.id, cell_id="cell-nador")


def test_urgent_and_older_cases_come_first(database, now):
    with database.write() as session:
        plain = add_case(session, add_person(session, now, "a"), now)
        urgent = add_case(session, add_person(session, now, "b"), now, urgent_type="violence")
        listed = repository.list_cases(session, cell_id="cell-oujda")
    assert [case.id for case in listed] == [urgent.id, plain.id]


def test_a_case_begins_with_its_opening():
    with pytest.raises(ValueError):
        status_after(["assigned"])


class CaseLife(RuleBasedStateMachine):
    """Random replies, messages and closings: one owner, the closing text once, every message kept."""

    def __init__(self):
        super().__init__()
        import tempfile
        from pathlib import Path

        from bot.settings import Settings
        from bot.store.database import open_database
        from bot.store.migrate import migrate

        self.folder = tempfile.TemporaryDirectory()
        self.database = open_database(Settings(data_dir=Path(self.folder.name), database_url="", secret_key="s"))
        migrate(self.database)
        with self.database.write() as session:
            self.person_id = add_person(session, NOW).id
        self.said = 0
        self.cases = 0

    def live(self, session):
        return repository.find_live_case(session, self.person_id)

    @rule()
    def open(self):
        with self.database.write() as session:
            if self.live(session) is None:
                add_case(session, conversations.find_person(session, self.person_id), NOW)
                self.cases += 1

    @rule(text=st.sampled_from(["yes", "no"]))
    @precondition(lambda self: self.cases)
    def agent_replies(self, text):
        with self.database.write() as session:
            case = self.live(session)
            if case is not None:
                service.reply(session, case, agent_id=None, text=text, now=NOW)

    @rule()
    @precondition(lambda self: self.cases)
    def person_writes(self):
        with self.database.write() as session:
            person = conversations.find_person(session, self.person_id)
            message = add_inbound(session, person, "word", NOW, str(self.said))
            self.said += 1
            case = self.live(session)
            if case is not None:
                service.receive_message(session, case, message.id)

    @rule()
    @precondition(lambda self: self.cases)
    def agent_closes(self):
        with self.database.write() as session:
            for case in repository.list_cases(session, cell_id="cell-oujda"):
                service.close_case(session, case, agent_id=None, closing=CLOSING, now=NOW)

    @invariant()
    def owner_follows_the_cases_and_nothing_is_lost(self):
        with self.database.read() as session:
            live = self.live(session)
            assert conversations.find_person(session, self.person_id).owner == ("desk" if live else "bot")
            messages = conversations.list_messages(session, self.person_id)
            closed = [case for case in repository.list_cases(session, cell_id="cell-oujda") if case.status == "closed"]
        assert sum(message.direction == "in" for message in messages) == self.said
        assert sum(message.text == "closed" for message in messages) == len(closed)

    def teardown(self):
        self.database.close()
        self.folder.cleanup()


CaseLife.TestCase.settings = hypothesis_settings(
    max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
TestCaseLife = CaseLife.TestCase
