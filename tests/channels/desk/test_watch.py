"""The quiet clockwork: reminders in office hours and once, the closing window, notices without a personal word."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest

from bot import conversations
from bot.aliases import find_alias
from bot.cases import repository, service, staff_queries
from bot.cases.cells import CellSettings
from bot.cases.model import Case
from channels.desk.notices import Notice, as_email, send_notice
from channels.staff import accounts
from knowledge.reception import terms_of
from tests.fixtures.people import add_case, add_inbound, add_person

MONDAY = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)  # ten o'clock in Oujda


@pytest.fixture
def desk(house):
    house.desk.front.now = lambda: house.moment
    house.moment = MONDAY
    return house.desk


@pytest.fixture
def case_id(house, desk):
    with house.database.write() as session:
        terms = terms_of(session, house.desk.front.library, house.settings, MONDAY)
        return add_case(session, add_person(session, MONDAY), MONDAY, terms=terms, question="very secret words").id


def reminders(house, case_id):
    with house.database.read() as session:
        return [event.kind for event in repository.list_events(session, case_id)].count("reminded")


def test_a_cell_is_reminded_once_shortly_before_the_first_reply_is_due(house, desk, case_id):
    for hours, expected in ((1, 0), (3.4, 0), (3.6, 1), (3.8, 1), (5, 1)):
        desk.watch.remind_of_due(MONDAY + timedelta(hours=hours))
        assert reminders(house, case_id) == expected, hours


def test_nobody_is_reminded_at_night_or_at_the_weekend(house, desk):
    friday = datetime(2027, 1, 8, 14, 0, tzinfo=UTC)  # three o'clock; due on Monday
    with house.database.write() as session:
        terms = terms_of(session, house.desk.front.library, house.settings, friday)
        case_id = add_case(session, add_person(session, friday), friday, terms=terms).id
    for hours in (3, 12, 24, 48, 62):
        desk.watch.remind_of_due(friday + timedelta(hours=hours))
        assert reminders(house, case_id) == 0
    desk.watch.remind_of_due(datetime(2027, 1, 12, 9, 30, tzinfo=UTC))
    assert reminders(house, case_id) == 1


def test_a_person_is_asked_to_write_before_the_window_closes_if_they_wait_for_us(house, desk, case_id):
    with house.database.write() as session:
        case = session.get(Case, case_id)
        message = add_inbound(session, conversations.find_person(session, case.person_id), "aide", MONDAY, "w")
        message.channel = "whatsapp"
        alias = find_alias(session, case.person_id, "web")
        alias.channel, alias.heard_at = "whatsapp", MONDAY
        session.flush()
        terms = terms_of(session, house.desk.front.library, house.settings, MONDAY)
        service.receive_message(session, case, message.id, now=MONDAY, terms_of=terms)
        person_id = case.person_id
    assert desk.watch.remind_of_windows(MONDAY + timedelta(hours=20)) == []
    assert desk.watch.remind_of_windows(MONDAY + timedelta(hours=22.5)) == [person_id]
    assert desk.watch.remind_of_windows(MONDAY + timedelta(hours=23)) == []
    with house.database.read() as session:
        texts = [row.text for row in conversations.list_messages(session, person_id)]
    assert texts.count("utter_window_closing") == 1


@pytest.fixture
def noticed(house, desk, case_id):
    house.settings.smtp_host = "127.0.0.1"
    with house.database.write() as session:
        session.add(CellSettings(cell_id="cell-oujda", notice_email="cellule@example.org", changed_at=MONDAY))
    return desk


def test_a_cell_that_nobody_watches_is_written_to_and_not_again_at_once(house, noticed):
    notices = noticed.watch.notices(MONDAY)
    assert [(notice.to, notice.cases, notice.urgent) for notice in notices] == [("cellule@example.org", 1, 0)]
    assert noticed.watch.notices(MONDAY + timedelta(minutes=1)) == []
    with house.database.write() as session:
        add_case(session, add_person(session, MONDAY, "b"), MONDAY)
    assert noticed.watch.notices(MONDAY + timedelta(minutes=5)) == []
    assert len(noticed.watch.notices(MONDAY + timedelta(minutes=40))) == 1


def test_danger_does_not_wait(house, noticed):
    noticed.watch.notices(MONDAY)
    with house.database.write() as session:
        add_case(session, add_person(session, MONDAY, "b"), MONDAY, urgent_type="violence")
    assert [notice.urgent for notice in noticed.watch.notices(MONDAY + timedelta(minutes=1))] == [1]


def test_nobody_is_written_to_while_somebody_has_the_desk_open(house, noticed):
    with house.database.write() as session:
        agent = accounts.add_agent(
            session, username="amina", password="a long password", cell_id="cell-oujda", language="fr", now=MONDAY
        )
        session.flush()
        staff_queries.touch(session, agent.id, "", MONDAY)
    assert noticed.watch.notices(MONDAY) == []
    assert noticed.watch.notices(MONDAY + timedelta(minutes=10)) == []


class MailServer:
    """Enough of SMTP (RFC 5321) on loopback to receive a message."""

    def __init__(self, refuse=False):
        self.received, self.refuse = [], refuse
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()

        async def begin():
            self.server = await asyncio.start_server(self.talk, "127.0.0.1", 0)
            self.port = self.server.sockets[0].getsockname()[1]
            ready.set()

        def run():
            self.loop.run_until_complete(begin())
            self.loop.run_forever()

        threading.Thread(target=run, daemon=True).start()
        ready.wait(5)

    async def talk(self, reader, writer):
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            command = line.strip().upper()
            if command.startswith(b"RCPT") and self.refuse:
                writer.write(b"550 no\r\n")
            elif command == b"DATA":
                writer.write(b"354 go on\r\n")
                self.received.append((await reader.readuntil(b"\r\n.\r\n")).decode())
                writer.write(b"250 thanks\r\n")
            elif command == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 fine\r\n")
        writer.close()

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)


NOTICE = Notice(to="cellule@example.org", language="fr", cases=2, urgent=1, address="https://dalil.example/desk")


def mail_settings(settings, server):
    return settings.model_copy(
        update={
            "smtp_host": "127.0.0.1",
            "smtp_port": server.port,
            "smtp_security": "none",
            "smtp_from": "dalil@example.org",
        }
    )


async def test_the_whole_round_sends_mail_without_a_personal_word(house, noticed, settings, case_id):
    server = MailServer()
    noticed.front.settings = mail_settings(settings, server)
    await noticed.watch.look_around()
    server.stop()
    assert len(server.received) == 1
    with house.database.read() as session:
        reference = session.get(Case, case_id).reference
    for secret in ("secret", "someone", reference, case_id):
        assert secret not in server.received[0]


def test_a_mail_server_that_refuses_or_is_not_there_stops_nothing(settings, caplog):
    server = MailServer(refuse=True)
    send_notice(mail_settings(settings, server), NOTICE)
    server.stop()
    unreachable = settings.model_copy(update={"smtp_host": "127.0.0.1", "smtp_port": 1, "smtp_security": "starttls"})
    send_notice(unreachable, NOTICE)
    assert caplog.text.count("notice_failed") == 2
    assert "cellule@example.org" not in caplog.text


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_a_notice_is_in_the_cells_language(settings, language):
    message = as_email(settings, Notice("a@example.org", language, cases=3, urgent=0, address=""))
    assert "3" in message["Subject"]
    assert message.get_content().strip()
