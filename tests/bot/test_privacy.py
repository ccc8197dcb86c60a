from datetime import timedelta

from bot import conversations, privacy
from bot.aliases import list_addresses
from bot.cases.model import Case
from bot.secrets import AddressBook
from bot.trackers import find_tracker, save_tracker
from tests.fixtures.people import BOOK, add_case, add_inbound, add_person


def test_forgetting_leaves_no_word_of_a_person(database, now):
    with database.write() as session:
        person = add_person(session, now)
        add_inbound(session, person, "my secret story", now, "1")
        add_case(session, person, now, question="my secret story")
        save_tracker(session, person.id, {"events": ["my secret story"]}, now)
        person_id = person.id
    with database.write() as session:
        privacy.forget_conversation(session, person_id, now=now)
    with database.read() as session:
        assert conversations.list_messages(session, person_id) == []
        assert find_tracker(session, person_id) is None
        assert [(case.summary, case.status) for case in session.query(Case)] == [({}, "closed")]
        assert conversations.find_person(session, person_id).owner == "bot"


def test_holdings_count_what_is_there(database, now):
    with database.write() as session:
        person = add_person(session, now)
        add_inbound(session, person, "one", now, "1")
        add_case(session, person, now)
        assert privacy.holdings(session, person.id) == privacy.Holdings(messages=1, cases=1, since=now)


def test_the_purge_forgets_only_the_silent(database, now):
    with database.write() as session:
        old = add_person(session, now - timedelta(days=91), "old")
        add_inbound(session, old, "long ago", now - timedelta(days=91), "1")
        new = add_person(session, now, "new")
        old_id, new_id = old.id, new.id
    with database.write() as session:
        assert privacy.purge(session, retention_days=90, now=now) == 1
        assert conversations.find_person(session, old_id) is None
        assert conversations.find_person(session, new_id) is not None


def test_an_address_of_an_earlier_key_is_nobodys_and_breaks_nothing(database, now):
    with database.write() as session:
        person = add_person(session, now)
        assert list_addresses(session, BOOK, person.id) == [("web", "someone")]
        assert list_addresses(session, AddressBook("another secret"), person.id) == [("web", "")]
