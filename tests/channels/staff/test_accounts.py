from datetime import timedelta

import pytest

from channels.staff import accounts
from channels.staff.seed import first_password_path, seed_agents

PASSWORD = "a long enough password"


@pytest.fixture
def agent(database, now):
    with database.write() as session:
        return accounts.add_agent(
            session, username="amina", password=PASSWORD, cell_id="cell-oujda", language="ar", now=now
        )


def sign_in(database, now, password=PASSWORD, username="amina"):
    with database.write() as session:
        return accounts.sign_in(session, username=username, password=password, now=now)


def test_the_right_password_opens_and_the_session_is_found(database, agent, now):
    key = sign_in(database, now)
    with database.read() as session:
        assert accounts.find_signed_in(session, key, now).agent.username == "amina"
        assert accounts.find_signed_in(session, key, now + accounts.SESSION_TIME) is None
        assert accounts.find_signed_in(session, key + "x", now) is None
        assert accounts.find_signed_in(session, None, now) is None


def test_neither_password_nor_session_key_stands_in_the_database(database, agent, now, settings):
    key = sign_in(database, now)
    content = b"".join(path.read_bytes() for path in settings.data_path.glob("dalil.sqlite*"))
    assert PASSWORD.encode() not in content
    assert key.encode() not in content
    assert agent.password_hash.startswith("$argon2")


def test_wrong_name_or_password_opens_nothing(database, agent, now):
    assert sign_in(database, now, password="wrong") is None
    assert sign_in(database, now, username="nobody") is None


def test_the_account_pauses_after_failures_and_opens_again(database, agent, now):
    for _ in range(accounts.MOST_ATTEMPTS):
        assert sign_in(database, now, password="wrong") is None
    assert sign_in(database, now) is None
    assert sign_in(database, now + accounts.LOCK_TIME) is not None


def test_signing_out_revokes(database, agent, now):
    key = sign_in(database, now)
    with database.write() as session:
        accounts.sign_out(session, key)
    with database.read() as session:
        assert accounts.find_signed_in(session, key, now + timedelta(seconds=1)) is None


def test_a_short_password_is_refused(database, now):
    with pytest.raises(accounts.PasswordTooShort), database.write() as session:
        accounts.add_agent(session, username="x", password="short", cell_id="cell-oujda", language="fr", now=now)


def test_the_first_start_seeds_each_cell_once(database, settings, library, now):
    seed_agents(settings, database, library, lambda: now)
    password = first_password_path(settings).read_text()
    assert first_password_path(settings).stat().st_mode & 0o077 == 0
    assert sign_in(database, now, password=password, username="cell-nador") is not None
    seed_agents(settings, database, library, lambda: now)
    assert first_password_path(settings).read_text() == password
