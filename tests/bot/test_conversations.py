from datetime import timedelta

from bot import conversations, inbound
from bot.buttons import find_token
from bot.messages import Button, OutboundMessage
from bot.trackers import find_tracker, save_tracker
from tests.fixtures.people import add_inbound, add_person


def test_the_same_address_is_the_same_person(database, now):
    with database.write() as session:
        first = add_person(session, now, "a").id
        second = add_person(session, now, "a").id
        other = add_person(session, now, "b").id
    assert first == second != other


def test_no_address_stands_in_clear_in_the_database(database, now, settings):
    with database.write() as session:
        add_person(session, now, "+212600112233")
    content = b"".join(path.read_bytes() for path in settings.data_path.glob("dalil.sqlite*"))
    assert b"600112233" not in content


def test_the_oldest_unanswered_message_comes_first_and_is_answered_once(database, now):
    with database.write() as session:
        person = add_person(session, now)
        first = add_inbound(session, person, "one", now, "1")
        add_inbound(session, person, "two", now, "2")
        person_id, first_id = person.id, first.id
    with database.write() as session:
        assert inbound.find_unanswered(session, person_id).text == "one"
        assert inbound.mark_answered(session, first_id, now)
        assert not inbound.mark_answered(session, first_id, now)
        assert inbound.find_unanswered(session, person_id).text == "two"


def test_a_button_token_works_for_its_own_person_only(database, now):
    with database.write() as session:
        person, stranger = add_person(session, now, "a"), add_person(session, now, "b")
        conversations.add_outbound(
            session,
            OutboundMessage("Choose", (Button("Cost", "/secret-payload"),)),
            person_id=person.id,
            channel="web",
            author="bot",
            now=now,
        )
        (message,) = conversations.list_messages(session, person.id)
        token = message.buttons[0]["token"]
        assert "payload" not in str(message.buttons)
        assert find_token(session, token=token, person_id=person.id).payload == "/secret-payload"
        assert find_token(session, token=token, person_id=stranger.id) is None


def test_writes_of_a_turn_are_stored_together_or_not_at_all(database, now):
    with database.write() as session:
        person_id = add_person(session, now).id
    with database.turn() as writes:
        database.later(lambda session: save_tracker(session, person_id, {"events": []}, now))
    with database.read() as session:
        assert find_tracker(session, person_id) is None

    def fail(session):
        raise RuntimeError

    try:
        database.commit_turn(writes, fail)
    except RuntimeError:
        pass
    with database.read() as session:
        assert find_tracker(session, person_id) is None
    database.commit_turn(writes, lambda session: None)
    with database.read() as session:
        assert find_tracker(session, person_id) == {"events": []}


def test_people_silent_for_long_are_found(database, now):
    with database.write() as session:
        old = add_person(session, now - timedelta(days=100), "old").id
        add_person(session, now, "new")
        assert conversations.list_people_silent_since(session, now - timedelta(days=90)) == [old]
