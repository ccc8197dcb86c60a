"""Passwords, lock-out, second factor, invitations."""

import re
from datetime import timedelta

import pyotp
import pytest
from starlette.testclient import TestClient

from bot.cases import staff_queries
from bot.secrets import AddressBook
from channels.staff import accounts, second_factor
from channels.staff.accounts import PasswordTooShort, UsernameInvalid

PASSWORD = "a long enough password"
BOOK = AddressBook("a secret for tests only")


@pytest.fixture
def agent(database, now):
    with database.write() as session:
        return accounts.add_agent(
            session, username="amina", password=PASSWORD, cell_id="cell-oujda", language="fr", now=now
        )


def sign_in(database, now, password=PASSWORD, username="amina"):
    with database.write() as session:
        return accounts.sign_in(session, username=username, password=password, browser="b", now=now)


def test_a_password_is_hashed_with_as_much_work_as_is_recommended(real_hasher):
    kept = real_hasher().hash(PASSWORD)
    assert kept.startswith("$argon2id$")
    work = dict(part.split("=") for part in kept.split("$")[3].split(","))
    assert (int(work["m"]) >= 19 * 1024, int(work["t"]) >= 2) == (True, True)
    assert real_hasher().verify(PASSWORD, kept)


def test_a_session_begins_with_the_right_password_only(database, agent, now):
    begun = sign_in(database, now)
    assert begun is not None
    assert sign_in(database, now, "wrong") is None
    assert sign_in(database, now, username="nobody") is None
    with database.read() as session:
        assert accounts.find_signed_in(session, begun.key, now, browser="b").agent.username == "amina"
        assert accounts.find_signed_in(session, begun.key, now, browser="another") is None
        assert accounts.find_signed_in(session, "guess", now, browser="b") is None
        assert accounts.find_signed_in(session, None, now) is None
        assert accounts.find_signed_in(session, begun.key, now + accounts.SESSION_TIME, browser="b") is None


def test_the_account_pauses_after_failures_and_comes_back(database, agent, now):
    for _ in range(accounts.MOST_ATTEMPTS):
        assert sign_in(database, now, "wrong") is None
    assert sign_in(database, now) is None
    assert sign_in(database, now + accounts.LOCK_TIME + timedelta(seconds=1)) is not None
    with database.read() as session:
        assert "locked" in [entry.action for entry in staff_queries.list_audit(session, cell_id=None)]


def test_a_short_password_and_an_unusable_or_taken_name_are_refused(database, agent, now):
    add = {"cell_id": "c", "language": "fr", "now": now}
    with database.write() as session:
        with pytest.raises(PasswordTooShort):
            accounts.add_agent(session, username="bob", password="short", **add)
        for name in ("amina", "", "x", "Amina", "a b c", "\u202eabc", "a" * 50, "<script>"):
            with pytest.raises(UsernameInvalid):
                accounts.add_agent(session, username=name, password=PASSWORD, **add)


def test_a_password_is_not_stored_as_it_is(agent):
    assert PASSWORD not in agent.password_hash
    assert agent.password_hash.startswith("$argon2")


@pytest.fixture
def secret(database, agent, now):
    with database.write() as session:
        mine = staff_queries.get_agent(session, agent.id)
        secret = second_factor.begin(session, BOOK, mine)
        assert secret not in mine.sealed_totp
        assert not second_factor.confirm(session, BOOK, mine, "000000", now)
        assert second_factor.confirm(session, BOOK, mine, pyotp.TOTP(secret).at(now), now)
    return secret


def test_with_a_second_factor_the_password_alone_opens_nothing(database, secret, now):
    begun = sign_in(database, now)
    assert begun.needs_code
    with database.read() as session:
        assert accounts.find_signed_in(session, begun.key, now, browser="b") is None
        assert accounts.find_signed_in(session, begun.key, now, browser="b", is_complete=False) is not None


def test_a_code_is_good_once_and_for_about_a_minute(database, agent, secret, now):
    later = now + timedelta(minutes=5)
    with database.write() as session:
        mine = staff_queries.get_agent(session, agent.id)
        code = pyotp.TOTP(secret).at(later)
        assert not second_factor.check(session, BOOK, mine, code, later + timedelta(minutes=3))
        assert second_factor.check(session, BOOK, mine, f" {code[:3]} {code[3:]} ", later)
        assert not second_factor.check(session, BOOK, mine, code, later)
        assert not second_factor.check(session, BOOK, mine, "", later)


def test_wrong_codes_lock_the_account_like_wrong_passwords(database, agent, secret, now):
    later = now + timedelta(minutes=5)
    with database.write() as session:
        mine = staff_queries.get_agent(session, agent.id)
        for _ in range(accounts.MOST_ATTEMPTS):
            assert not second_factor.check(session, BOOK, mine, "123", later)
        assert not second_factor.check(session, BOOK, mine, pyotp.TOTP(secret).at(later), later)
    assert sign_in(database, later) is None


class TestPages:
    """The same through the pages."""

    @pytest.fixture
    def browser(self, house, agent):
        house.desk.front.now = lambda: self.moment
        return TestClient(house.app, follow_redirects=False)

    @pytest.fixture(autouse=True)
    def _moment(self, now):
        self.moment = now

    def token(self, page):
        return re.search(r'name="form_token" value="([^"]+)"', page.text)[1]

    def enter(self, browser, password=PASSWORD, username="amina"):
        return browser.post("/desk/sign-in", data={"username": username, "password": password})

    def test_turning_the_second_factor_on_and_signing_in_with_it(self, browser, house):
        self.enter(browser)
        token = self.token(browser.get("/desk/account"))
        page = browser.post("/desk/account/second-factor", data={"form_token": token, "act": "begin"})
        secret = re.search(r'<code dir="ltr">(\w+)</code>', page.text)[1]
        assert "<svg" in page.text
        totp = pyotp.TOTP(secret)
        wrong = browser.post("/desk/account/second-factor", data={"form_token": token, "act": "confirm", "code": "1"})
        assert wrong.status_code == 400
        data = {"form_token": token, "act": "confirm", "code": totp.at(self.moment)}
        assert browser.post("/desk/account/second-factor", data=data).status_code == 303
        self.moment += timedelta(minutes=5)
        browser.cookies.clear()
        assert self.enter(browser).headers["location"] == "/desk/second-factor"
        assert browser.get("/desk").headers["location"] == "/desk/sign-in"
        token = self.token(browser.get("/desk/second-factor"))
        for data, status in (
            ({"form_token": token, "code": "000000"}, 401),
            ({"form_token": "forged", "code": totp.at(self.moment)}, 303),
        ):
            assert browser.post("/desk/second-factor", data=data).status_code == status
            assert browser.get("/desk").headers["location"] == "/desk/sign-in"
        half = browser.cookies["dalil_desk"]
        answer = browser.post("/desk/second-factor", data={"form_token": token, "code": totp.at(self.moment)})
        assert answer.headers["location"] == "/desk"
        assert browser.cookies["dalil_desk"] != half, "a new key: the old one was sent before the second factor"
        assert browser.get("/desk").status_code == 200

    def test_an_invitation_is_good_once_and_not_for_ever(self, browser, house, database):
        with database.write() as session:
            lead = staff_queries.find_agent(session, "amina")
            lead.roles = ["agent", "lead"]
        self.enter(browser)
        data = {"form_token": self.token(browser.get("/desk/account")), "roles": ["agent"], "language": "ar"}
        page = browser.post("/desk/people/invite", data=data)
        path = "/desk/invitation/" + re.search(r"/desk/invitation/([\w-]+)", page.text)[1]
        stranger = TestClient(house.app, follow_redirects=False)
        assert 'dir="rtl"' in stranger.get(path).text
        account = {"username": "brahim", "password": PASSWORD}
        assert stranger.post(path, data={**account, "password": "short"}).status_code == 400
        assert stranger.post(path, data={**account, "username": "amina"}).status_code == 400
        assert stranger.post(path, data=account).status_code == 303
        assert stranger.post(path, data={**account, "username": "again"}).status_code == 404
        assert stranger.get("/desk/invitation/guessed").status_code == 404
        assert self.enter(stranger, username="brahim").headers["location"] == "/desk"
        with database.read() as session:
            brahim = staff_queries.find_agent(session, "brahim")
            assert (brahim.cell_id, brahim.roles, brahim.language) == ("cell-oujda", ["agent"], "ar")
        second = re.search(r"/desk/invitation/([\w-]+)", browser.post("/desk/people/invite", data=data).text)[1]
        self.moment += timedelta(days=8)
        assert stranger.get(f"/desk/invitation/{second}").status_code == 404

    def test_a_changed_password_ends_the_other_sessions(self, browser, house):
        other = TestClient(house.app, follow_redirects=False)
        self.enter(browser)
        self.enter(other)
        token = self.token(browser.get("/desk/account"))
        change = {"form_token": token, "old": PASSWORD, "new": "another good password"}
        assert browser.post("/desk/account/password", data={**change, "old": "x"}).status_code == 400
        assert browser.post("/desk/account/password", data={**change, "new": "short"}).status_code == 400
        assert browser.post("/desk/account/password", data=change).status_code == 200
        assert browser.get("/desk").status_code == 200
        assert other.get("/desk").headers["location"] == "/desk/sign-in"
        assert self.enter(other).status_code == 401

    def test_the_list_of_sessions_names_the_browser(self, browser):
        chrome = (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
        )
        browser.headers["user-agent"] = chrome
        self.enter(browser)
        assert "Chrome 140, Android" in browser.get("/desk/account").text
