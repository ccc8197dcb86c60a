"""What must be refused, each by its name."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from bot import conversations
from bot.cases import repository, staff_queries
from channels.staff.account import _is_ours
from tests.channels.desk.conftest import ACCOUNTS, PASSWORD

ACTS = ("reply", "note", "take", "release", "assign", "transfer", "close", "labels", "urgency", "merge", "address")
PAGES = {
    "/desk": ("agent", "lead"),
    "/desk/canned": ("agent", "lead"),
    "/desk/cell": ("agent", "lead"),
    "/desk/people": ("lead", "administrator"),
    "/desk/audit": ("lead", "auditor", "administrator"),
    "/desk/audit.csv": ("lead", "auditor", "administrator"),
    "/desk/figures": ("lead", "auditor", "administrator"),
    "/desk/figures.csv": ("lead", "auditor", "administrator"),
    "/desk/figures.xlsx": ("lead", "auditor", "administrator"),
    "/desk/pending": ("administrator",),
}


def agents_words(house, person_id):
    with house.database.read() as session:
        return [row.text for row in conversations.list_messages(session, person_id) if row.author == "agent"]


def test_a_stranger_gets_nowhere(client, cases):
    for path in (
        *PAGES,
        f"/desk/cases/{cases['own']}",
        f"/desk/cases/{cases['own']}/thread",
        f"/desk/cases/{cases['own']}/files/x",
        "/desk/live",
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk/sign-in"), path
    for act in ACTS:
        answer = client.post(f"/desk/cases/{cases['own']}/{act}", data={"text": "x", "form_token": "y"})
        assert answer.headers["location"] == "/desk/sign-in"
    assert client.get("/desk/live", headers={"accept": "text/event-stream"}).status_code == 401


def test_another_cells_case_and_a_guessed_id_are_not_found(amina, cases, house):
    for case_id in (cases["other"], "0" * 32, "../" + cases["other"], "%00"):
        for path in ("", "/thread", "/answers", "/files/" + "0" * 32):
            assert amina.get(f"/desk/cases/{case_id}{path}").status_code == 404, (case_id, path)
        for act in ACTS:
            data = {"text": "hello", "reason": "because", "cell": "cell-oujda", "to": "amina", "source": cases["own"]}
            assert amina.act(case_id, act, **data).status_code == 404, (case_id, act)
        assert amina.post(f"/desk/cases/{case_id}/presence", {"state": "typing"}).status_code == 404
    with house.database.read() as session:
        assert len(repository.list_events(session, cases["other"])) == 1


def test_another_cells_case_is_not_found_by_searching(amina, cases, house):
    with house.database.read() as session:
        reference = repository.get_case(session, case_id=cases["other"], cell_id="cell-nador").reference
    for words in ("ailleurs", reference):
        assert cases["other"] not in amina.get(f"/desk?words={words}").text


@pytest.mark.parametrize("name", list(ACCOUNTS))
def test_a_roles_forbidden_page(sign_in, cases, name):
    browser, roles = sign_in(name), ACCOUNTS[name][1]
    for path, allowed in PAGES.items():
        status = browser.get(path).status_code
        if set(roles) & set(allowed):
            assert status == 200, path
        else:
            assert status == 403 or (path == "/desk" and status == 303), path
    if not set(roles) & {"agent", "lead"}:
        assert browser.get(f"/desk/cases/{cases['own']}").status_code == 403
        assert browser.act(cases["own"], "reply", text="x").status_code == 403
    if "lead" not in roles:
        assert browser.post("/desk/cell", {"week_monday": "08:00-09:00"}).status_code == 403
    if not set(roles) & {"lead", "administrator"}:
        assert browser.post("/desk/people/invite", {"roles": "agent"}).status_code == 403
        assert browser.post("/desk/people/amina", {"act": "pause"}).status_code == 403


def test_a_lead_cannot_reach_beyond_their_cell_or_above_their_role(sign_in, house):
    lead = sign_in("lead")
    for agent in ("nadia", "admin", "auditor"):
        assert lead.post(f"/desk/people/{agent}", {"act": "pause"}).status_code == 403
    assert lead.post("/desk/people/nobody", {"act": "pause"}).status_code == 403
    lead.post("/desk/people/amina", {"act": "roles", "roles": ["agent", "administrator"]})
    with house.database.read() as session:
        assert staff_queries.get_agent(session, "amina").roles == ["agent"]
    answer = lead.post("/desk/people/invite", {"roles": ["administrator"], "cell": "cell-nador"})
    assert answer.status_code == 400
    assert "/desk/invitation/" not in answer.text
    assert lead.post("/desk/people/lead", {"act": "pause"}).status_code == 303
    assert lead.get("/desk").status_code == 200


@pytest.mark.parametrize("token", ["", "forged", None, "é"])
def test_a_forged_form_changes_nothing_and_keeps_the_draft(amina, cases, house, token):
    for act in ACTS:
        data = {"text": "Venez demain.", "reason": "because", "cell": "cell-nador"}
        if token is not None:
            data["form_token"] = token
        answer = amina.client.post(f"/desk/cases/{cases['own']}/{act}", data=data)
        assert answer.status_code == 403, act
        assert "Venez demain." in answer.text
    for path in ("/desk/language", "/desk/views", "/desk/canned", "/desk/account/password", "/desk/cell/absences"):
        assert amina.client.post(path, data={"form_token": token or ""}).status_code == 403
    assert agents_words(house, cases["person"]) == []


def test_a_form_of_another_session_is_forged(amina, sign_in, cases):
    brahim = sign_in("brahim")
    answer = amina.client.post(f"/desk/cases/{cases['own']}/reply", data={"text": "x", "form_token": brahim.token})
    assert answer.status_code == 403


def test_a_stolen_cookie_is_of_no_use_in_another_browser_and_ends_the_session(amina, house, cases):
    cookie = amina.client.cookies["dalil_desk"]
    thief = TestClient(house.app, follow_redirects=False, headers={"user-agent": "Mozilla/5.0 Firefox/150"})
    thief.cookies.set("dalil_desk", cookie, path="/desk")
    assert thief.get(f"/desk/cases/{cases['own']}").headers["location"] == "/desk/sign-in"
    assert amina.get("/desk").headers["location"] == "/desk/sign-in"
    with house.database.read() as session:
        assert staff_queries.list_audit(session, cell_id=None)[0].action == "session_stolen"


def test_a_cookie_is_of_no_use_after_signing_out_ending_the_session_or_pausing_the_account(sign_in, house):
    for end in ("sign_out", "end", "pause"):
        browser = sign_in("brahim")
        cookie = browser.client.cookies["dalil_desk"]
        if end == "sign_out":
            assert browser.post("/desk/sign-out").status_code == 303
        elif end == "end":
            sign_in("brahim").post("/desk/account/sessions")
        else:
            sign_in("lead").post("/desk/people/brahim", {"act": "pause"})
        browser.client.cookies.set("dalil_desk", cookie, path="/desk")
        assert browser.get("/desk").headers["location"] == "/desk/sign-in", end


def test_a_session_ends_by_itself(amina, house, now):
    front = house.desk.front
    front.now = lambda: now + timedelta(days=400)
    assert amina.get("/desk").headers["location"] == "/desk/sign-in"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client, cases):
    answer = client.post("/desk/sign-in", data={"username": "amina", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    for word in ("httponly", "samesite=strict", "path=/desk"):
        assert word in cookie


def test_the_database_holds_no_key_of_a_session(amina, house, settings):
    key = amina.client.cookies["dalil_desk"].encode()
    content = b"".join(path.read_bytes() for path in settings.data_path.glob("dalil.sqlite*"))
    assert key not in content


def test_a_script_in_a_persons_message_is_shown_as_text(amina, cases):
    for page in (
        amina.page(cases["own"]),
        amina.get("/desk").text,
        amina.get(f"/desk/cases/{cases['own']}/thread").text,
    ):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;" in page
    policy = amina.get("/desk").headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_script_in_notes_labels_reasons_and_names_is_shown_as_text(amina, cases):
    evil = '"><script>alert(2)</script>'
    amina.act(cases["own"], "note", text=evil)
    amina.act(cases["own"], "labels", labels=evil)
    amina.post("/desk/views", {"name": evil, "query": f"label={evil}"})
    for page in (amina.page(cases["own"]), amina.get("/desk").text, amina.get(f"/desk?words={evil}&label={evil}").text):
        assert "<script>alert" not in page


def test_a_bidi_trick_in_a_name(amina, sign_in, cases):
    """Fifty characters that turn the line around are taken out of names and reasons; a person's words are isolated."""
    trick = ("\u202e\u2067\u202d" * 17)[:45] + "label"
    amina.act(cases["own"], "labels", labels=trick)
    amina.post("/desk/views", {"name": trick, "query": f"label={trick}"})
    pages = [amina.page(cases["own"]), amina.get("/desk").text]
    amina.act(cases["own"], "transfer", cell="cell-nador", reason=trick)
    pages.append(sign_in("nadia").page(cases["own"]))
    assert all("label" in page for page in pages)
    turned = [page[found.start() - 40 : found.start()] for page in pages for found in re.finditer("\u202e", page)]
    assert turned, "what the person wrote is kept as it is"
    assert all(re.search(r'<p dir="auto"[^>]*>$', before) for before in turned), turned


def test_going_back_never_leads_to_another_site(amina):
    for back in (
        "https://evil.example",
        "//evil.example",
        "/desk//evil.example",
        "/desk/\\evil",
        "javascript:alert(1)",
        "/deskevil",
    ):
        assert not _is_ours(back)
        answer = amina.post("/desk/language", {"language": "fr", "back": back})
        assert answer.headers["location"] == "/desk"


def test_the_address_is_shown_on_a_reason_only_and_that_is_written_down(amina, cases, house):
    assert "someone" not in amina.page(cases["own"])
    assert amina.act(cases["own"], "address", reason="  ").status_code == 400
    answer = amina.act(cases["own"], "address", reason="rappel demandé par la personne")
    assert "web: someone" in answer.text
    with house.database.read() as session:
        entry = staff_queries.list_audit(session, cell_id="cell-oujda")[0]
    assert (entry.action, entry.username, entry.subject) == ("address_shown", "amina", cases["reference"])
    assert entry.data == {"reason": "rappel demandé par la personne"}
    amina.act(cases["own"], "close")
    assert amina.act(cases["own"], "address", reason="encore").status_code == 403


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries"])
def test_the_audit_log_is_only_added_to(amina, house, statement):
    with pytest.raises(DBAPIError), house.database.write() as session:
        session.execute(sql(statement))
    with house.database.read() as session:
        assert staff_queries.list_audit(session, cell_id=None)


def test_the_audit_log_of_another_cell_is_not_the_leads(sign_in, cases):
    sign_in("nadia").act(cases["other"], "address", reason="because")
    assert "because" not in sign_in("lead").get("/desk/audit").text
    assert "because" in sign_in("auditor").get("/desk/audit").text
    table = sign_in("auditor").get("/desk/audit.csv")
    assert "address_shown" in table.text
    assert table.headers["content-disposition"].startswith("attachment")


def test_exports_hold_no_words_no_addresses_and_no_formulas(sign_in, cases, amina, house):
    amina.act(cases["own"], "note", text="=HYPERLINK(1)")
    lead = sign_in("lead")
    table = lead.get("/desk/figures.csv").text
    assert cases["reference"] in table
    for secret in ("سؤالي", "someone", cases["person"], "HYPERLINK", cases["own"]):
        assert secret not in table
    assert lead.get("/desk/figures.xlsx").content[:2] == b"PK"


def test_staff_pages_are_not_kept_by_browsers_or_framed(amina):
    headers = amina.get("/desk").headers
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
