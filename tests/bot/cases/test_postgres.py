"""The same on PostgreSQL, where two processes may really do two things at once."""

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot import conversations
from bot.cases import lifecycle, repository, search, service, staff_queries
from bot.cases.repository import CaseFilter
from bot.errors import CaseChanged, NotOwner
from bot.messages import OutboundMessage
from bot.store.base import Base
from bot.store.migrate import downgrade, is_migrated, migrate
from channels.staff import accounts
from tests.fixtures.people import add_case, add_person, terms_of
from tests.fixtures.postgres import NEEDS_POSTGRES, migrated_postgres

pytestmark = NEEDS_POSTGRES


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with migrated_postgres(tmp_path_factory.mktemp("data")) as (_, database):
        yield database


@pytest.fixture
def agents(database, now):
    with database.write() as session:
        if not staff_queries.list_agents(session):
            for name in ("one", "two"):
                accounts.add_agent(
                    session, username=name, password="long enough to pass", cell_id="cell-oujda", language="fr", now=now
                ).id = name
    return ("one", "two")


def test_the_schema_goes_up_and_down_and_matches_the_models(database):
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    downgrade(database, "0001")
    assert not is_migrated(database)
    migrate(database)
    assert is_migrated(database)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries", "TRUNCATE audit_entries"]
)
def test_the_audit_log_is_only_added_to(database, agents, now, statement):
    with database.write() as session:
        staff_queries.add_audit(session, staff_queries.get_agent(session, "one"), "signed_in", now=now)
    with pytest.raises(DBAPIError), database.write() as session:
        session.execute(text(statement))


def at_once(*acts):
    """Do these in threads that begin together; what each came to, by its number."""
    results, begin = {}, threading.Barrier(len(acts))

    def run(number, act):
        begin.wait(10)
        try:
            results[number] = act()
        except (NotOwner, CaseChanged) as refusal:
            results[number] = type(refusal)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.parametrize("attempt", range(8))
def test_of_two_agents_who_reply_at_once_one_has_the_case(database, agents, now, attempt):
    with database.write() as session:
        person_id = add_person(session, now, f"race {attempt}").id
        case = add_case(session, conversations.find_person(session, person_id), now)
        case_id, version = case.id, case.version

    def reply(agent):
        def act():
            with database.write() as session:
                case = repository.get_case(session, case_id=case_id, cell_id="cell-oujda", lock=True)
                message = OutboundMessage(f"from {agent}")
                service.reply(
                    session, case, agent_id=agent, message=message, now=now, terms_of=terms_of, version=version
                )
            return agent

        return act

    results = at_once(reply("one"), reply("two"))
    won = [result for result in results.values() if isinstance(result, str)]
    assert len(won) == 1
    with database.read() as session:
        case = repository.get_case(session, case_id=case_id, cell_id="cell-oujda")
        said = [row.text for row in conversations.list_messages(session, person_id)]
    assert (case.agent_id, said) == (won[0], [f"from {won[0]}"])


@pytest.mark.parametrize("attempt", range(8))
def test_a_case_closed_twice_at_once_is_closed_once(database, agents, now, attempt):
    with database.write() as session:
        person_id = add_person(session, now, f"closing {attempt}").id
        case_id = add_case(session, conversations.find_person(session, person_id), now).id

    def close():
        with database.write() as session:
            case = repository.get_case(session, case_id=case_id, cell_id="cell-oujda", lock=True)
            return service.close_case(
                session, case, agent_id=None, closing=OutboundMessage("closing"), now=now, terms_of=terms_of
            )

    assert sorted(at_once(close, close).values()) == [False, True]
    with database.read() as session:
        assert [row.text for row in conversations.list_messages(session, person_id)] == ["closing"]


@pytest.mark.parametrize("attempt", range(4))
def test_a_case_reopened_twice_at_once_is_open_once(database, agents, now, attempt):
    with database.write() as session:
        person_id = add_person(session, now, f"again {attempt}").id
        case = add_case(session, conversations.find_person(session, person_id), now)
        case_id = case.id
        service.close_case(session, case, agent_id=None, closing=OutboundMessage("closing"), now=now, terms_of=terms_of)

    def reopen():
        with database.write() as session:
            conversations.lock_person(session, person_id)
            case = repository.get_case(session, case_id=case_id, cell_id="cell-oujda", lock=True)
            return lifecycle.reopen(session, case, now=now, terms_of=terms_of)

    assert sorted(at_once(reopen, reopen).values()) == [False, True]


def test_search_finds_beginnings_in_every_script(database, now):
    with database.write() as session:
        person = add_person(session, now, "search")
        case = add_case(session, person, now, question="Préfecture بطاقة الإقامة")
        search.index_text(session, case, "zèbre")
        for words in ("prefec", "بطاق", "الاقامه", "ZEBRE"):
            wanted = CaseFilter(view="all", words=words)
            assert case.id in [
                found.id for found in repository.list_cases(session, cell_id="cell-oujda", wanted=wanted)
            ]
