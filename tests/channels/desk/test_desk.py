"""The desk: sign in, my cell's cases only, reply, close. What is forged, guessed or foreign is refused."""

import re

import pytest

from bot import conversations
from bot.cases import repository
from channels.staff import accounts
from tests.fixtures.people import add_case, add_inbound, add_person

PASSWORD = "a long enough password"


@pytest.fixture
def cases(house, now):
    with house.database.write() as session:
        for cell in ("cell-oujda", "cell-nador"):
            accounts.add_agent(session, username=cell, password=PASSWORD, cell_id=cell, language="fr", now=now)
        person = add_person(session, now)
        case = add_case(session, person, now, question="<script>alert(1)</script> سؤالي", article="minimum-wage")
        message = add_inbound(session, person, "\u202e<img src=x onerror=alert(1)> bonjour", now, "1")
        message.case_id = case.id
        conversations.mark_answered(session, message.id, now)
        other = add_case(session, add_person(session, now, "b"), now, cell_id="cell-nador", question="ailleurs")
        return {"own": case.id, "other": other.id, "person": person.id}


@pytest.fixture
def agent(client, cases):
    answer = client.post("/desk/sign-in", data={"username": "cell-oujda", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    return client


def form_token(client, case_id):
    return re.search(r'name="form_token" value="([^"]+)"', client.get(f"/desk/cases/{case_id}").text)[1]


def reply(client, case_id, text, token):
    return client.post(f"/desk/cases/{case_id}/reply", data={"text": text, "form_token": token})


def test_nobody_gets_in_without_signing_in(client, cases):
    for path in ("/desk", f"/desk/cases/{cases['own']}"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk/sign-in")
    assert client.get(f"/desk/cases/{cases['own']}/last").status_code == 401
    assert reply(client, cases["own"], "x", "y").headers["location"] == "/desk/sign-in"


def test_a_wrong_password_says_so(client, cases):
    answer = client.post("/desk/sign-in", data={"username": "cell-oujda", "password": "wrong"})
    assert answer.status_code == 401
    assert "incorrect" in answer.text


def test_the_list_shows_my_cells_cases_only(agent, cases):
    page = agent.get("/desk").text
    assert "سؤالي" in page
    assert "ailleurs" not in page


def test_another_cells_case_and_a_guessed_id_are_not_found(agent, cases):
    token = form_token(agent, cases["own"])
    for case_id in (cases["other"], "0" * 32):
        assert agent.get(f"/desk/cases/{case_id}").status_code == 404
        assert reply(agent, case_id, "hello", token).status_code == 404
        assert agent.post(f"/desk/cases/{case_id}/close", data={"form_token": token}).status_code == 404
        assert agent.get(f"/desk/cases/{case_id}/last").status_code == 404


def test_what_a_person_writes_is_shown_as_text(agent, cases):
    page = agent.get(f"/desk/cases/{cases['own']}").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;img" in page
    assert "Quel est le salaire minimum ?" in page


def test_a_reply_reaches_the_person_and_takes_the_case(agent, cases, house):
    answer = reply(agent, cases["own"], "Venez demain.", form_token(agent, cases["own"]))
    assert answer.status_code == 303
    with house.database.read() as session:
        last = conversations.list_messages(session, cases["person"])[-1]
        case = repository.get_case(session, case_id=cases["own"], cell_id="cell-oujda")
        assert (last.author, last.text, case.status) == ("agent", "Venez demain.", "assigned")


@pytest.mark.parametrize("token", ["", "forged", None])
def test_a_forged_form_changes_nothing_and_keeps_the_draft(agent, cases, house, token):
    data = {"text": "Venez demain."} | ({"form_token": token} if token is not None else {})
    answer = agent.post(f"/desk/cases/{cases['own']}/reply", data=data)
    assert answer.status_code == 403
    assert "Venez demain." in answer.text
    assert agent.post(f"/desk/cases/{cases['own']}/close", data={"form_token": token or ""}).status_code == 403
    with house.database.read() as session:
        assert all(row.author != "agent" for row in conversations.list_messages(session, cases["person"]))


@pytest.mark.parametrize("text", ["", "   ", "a" * 5000], ids=["empty", "blank", "endless"])
def test_an_empty_or_endless_reply_is_refused(agent, cases, text):
    assert reply(agent, cases["own"], text, form_token(agent, cases["own"])).status_code == 400


def test_closing_gives_the_person_back_to_the_bot_and_takes_no_reply_after(agent, cases, house):
    token = form_token(agent, cases["own"])
    assert agent.post(f"/desk/cases/{cases['own']}/close", data={"form_token": token}).status_code == 303
    with house.database.read() as session:
        assert conversations.find_person(session, cases["person"]).owner == "bot"
        assert conversations.list_messages(session, cases["person"])[-1].text == "utter_case_closed"
    assert reply(agent, cases["own"], "late", token).status_code == 409


def test_what_is_said_to_the_bot_after_closing_is_not_the_cells(agent, cases, house, now):
    token = form_token(agent, cases["own"])
    agent.post(f"/desk/cases/{cases['own']}/close", data={"form_token": token})
    with house.database.write() as session:
        add_inbound(session, conversations.find_person(session, cases["person"]), "for the bot alone", now, "later")
    assert "for the bot alone" not in agent.get(f"/desk/cases/{cases['own']}").text


def test_the_desk_speaks_the_agents_language(agent, cases):
    token = form_token(agent, cases["own"])
    agent.post("/desk/language", data={"language": "ar", "form_token": token})
    page = agent.get("/desk").text
    assert '<html lang="ar" dir="rtl">' in page
    assert "الطلبات" in page


def test_signing_out_ends_the_session(agent, cases):
    token = form_token(agent, cases["own"])
    cookie = agent.cookies["dalil_desk"]
    assert agent.post("/desk/sign-out", data={"form_token": token}).status_code == 303
    agent.cookies.set("dalil_desk", cookie, path="/desk")
    assert agent.get("/desk").headers["location"] == "/desk/sign-in"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client, cases):
    answer = client.post("/desk/sign-in", data={"username": "cell-oujda", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
