"""The desk: what agents do with a case, and what they are told when it cannot be done."""

import re

import pytest

from bot import conversations
from bot.cases import repository
from bot.cases.model import Case
from tests.fixtures.people import add_case, add_inbound, add_person

OUJDA = "cell-oujda"


def get(house, case_id):
    with house.database.read() as session:
        return session.get(Case, case_id)


def said(house, person_id):
    with house.database.read() as session:
        return [(row.author, row.text) for row in conversations.list_messages(session, person_id)]


def kinds(house, case_id):
    with house.database.read() as session:
        return [event.kind for event in repository.list_events(session, case_id)]


def test_the_list_shows_my_cells_cases_only(amina, cases):
    page = amina.get("/desk").text
    assert "سؤالي" in page
    assert "ailleurs" not in page
    rows = amina.get("/desk?part=rows").text
    assert "سؤالي" in rows
    assert "<html" not in rows


def test_the_numbers_beside_the_views_come_with_the_rows(amina, cases, house, now):
    def counts(page):
        return dict(re.findall(r'data-count="(\w+)">(\d+)<', page))

    assert counts(amina.get("/desk").text) == {"live": "1", "pool": "1"}
    amina.act(cases["own"], "take")
    with house.database.write() as session:
        add_case(session, add_person(session, now, "new"), now)
    fresh = amina.get("/desk?view=mine&part=rows").text
    assert counts(fresh) == {"live": "2", "pool": "1", "mine": "1"}
    assert re.search(r'href="/desk\?view=mine" aria-current="true"', fresh)


def test_a_reply_reaches_the_person_and_takes_the_case(amina, cases, house):
    assert amina.act(cases["own"], "reply", text="Venez demain.").status_code == 303
    assert said(house, cases["person"])[-1] == ("agent", "Venez demain.")
    case = get(house, cases["own"])
    assert (case.status, case.agent_id, case.waiting_since) == ("assigned", "amina", None)
    assert case.first_replied_at is not None


def test_only_the_owner_replies_and_a_colleague_may_take_over(amina, sign_in, cases, house):
    amina.act(cases["own"], "reply", text="Bonjour")
    brahim = sign_in("brahim")
    page = brahim.page(cases["own"])
    assert 'id="text"' not in page
    answer = brahim.act(cases["own"], "reply", text="Moi aussi")
    assert answer.status_code == 409
    assert "Moi aussi" not in str(said(house, cases["person"]))
    assert brahim.act(cases["own"], "take").status_code == 303
    assert brahim.act(cases["own"], "reply", text="Je prends la suite").status_code == 303
    assert get(house, cases["own"]).agent_id == "brahim"
    assert kinds(house, cases["own"]).count("assigned") == 2


def test_two_agents_cannot_answer_over_one_another(amina, sign_in, cases, house):
    """Both have the page of an unassigned case open and send: the second is told, and keeps what they wrote."""
    version = re.search(r'name="version" value="(\d+)"', amina.page(cases["own"]))[1]
    brahim = sign_in("brahim")
    assert amina.act(cases["own"], "reply", text="La première", version=version).status_code == 303
    answer = brahim.act(cases["own"], "reply", text="La seconde", version=version)
    assert answer.status_code == 409
    assert [text for author, text in said(house, cases["person"]) if author == "agent"] == ["La première"]


def test_a_page_that_is_behind_is_refused_and_the_draft_is_kept(amina, cases, house):
    version = re.search(r'name="version" value="(\d+)"', amina.page(cases["own"]))[1]
    amina.act(cases["own"], "note", text="une note")
    answer = amina.act(cases["own"], "reply", text="mon brouillon", version=version)
    assert answer.status_code == 409
    assert "mon brouillon" in answer.text


def test_what_the_person_writes_meanwhile_does_not_refuse_the_reply(amina, cases, house, now):
    version = re.search(r'name="version" value="(\d+)"', amina.page(cases["own"]))[1]
    with house.database.write() as session:
        message = add_inbound(session, conversations.find_person(session, cases["person"]), "encore", now, "2")
        case = repository.get_case(session, case_id=cases["own"], cell_id=OUJDA)
        from bot.cases import service
        from tests.fixtures.people import terms_of

        service.receive_message(session, case, message.id, now=now, terms_of=terms_of)
    assert amina.act(cases["own"], "reply", text="oui", version=version).status_code == 303


@pytest.mark.parametrize("text", ["", "   ", "a" * 5000], ids=["empty", "blank", "endless"])
def test_an_empty_or_endless_reply_is_refused(amina, cases, text):
    assert amina.act(cases["own"], "reply", text=text).status_code == 400


def test_closing_gives_the_person_back_to_the_bot_and_takes_no_reply_after(amina, cases, house):
    assert amina.act(cases["own"], "close").status_code == 303
    with house.database.read() as session:
        assert conversations.lock_person(session, cases["person"]) == "bot"
    assert said(house, cases["person"])[-1] == ("bot", "utter_case_closed")
    assert amina.act(cases["own"], "close").status_code == 303
    assert [text for _, text in said(house, cases["person"])].count("utter_case_closed") == 1
    assert amina.act(cases["own"], "reply", text="late").status_code == 409


def test_what_is_said_to_the_bot_after_closing_is_not_the_cells(amina, cases, house, now):
    amina.act(cases["own"], "close")
    with house.database.write() as session:
        add_inbound(session, conversations.find_person(session, cases["person"]), "for the bot alone", now, "later")
    assert "for the bot alone" not in amina.page(cases["own"])


def test_release_assign_and_the_views_that_follow(amina, sign_in, cases, house):
    amina.act(cases["own"], "take")
    assert cases["reference"] in amina.get("/desk?view=mine").text
    assert cases["reference"] not in amina.get("/desk?view=pool").text
    amina.act(cases["own"], "release")
    assert cases["reference"] in amina.get("/desk?view=pool").text
    amina.act(cases["own"], "assign", to="brahim")
    assert get(house, cases["own"]).agent_id == "brahim"
    assert amina.act(cases["own"], "assign", to="amina").status_code == 409
    assert sign_in("lead").act(cases["own"], "assign", to="amina").status_code == 303
    assert amina.act(cases["own"], "assign", to="nadia").status_code == 409
    assert get(house, cases["own"]).agent_id == "amina"


def test_a_transfer_needs_a_reason_moves_everything_and_tells_the_person(amina, sign_in, cases, house):
    nadia = sign_in("nadia")
    assert amina.act(cases["own"], "transfer", cell="cell-nador", reason=" ").status_code == 400
    assert amina.act(cases["own"], "transfer", cell="unhcr-rabat", reason="partenaire").status_code == 400
    amina.act(cases["own"], "labels", labels="logement")
    due = get(house, cases["own"]).reply_due_at
    assert amina.act(cases["own"], "transfer", cell="cell-nador", reason="habite à Nador").status_code == 303
    assert said(house, cases["person"])[-1] == ("bot", "utter_case_transferred")
    assert amina.get(f"/desk/cases/{cases['own']}").status_code == 404
    page = nadia.page(cases["own"])
    assert "habite à Nador" in page
    assert "logement" in page
    case = get(house, cases["own"])
    assert (case.cell_id, case.status, case.agent_id) == ("cell-nador", "open", None)
    assert case.reply_due_at is not None
    assert due is not None
    assert nadia.act(cases["own"], "reply", text="Bienvenue").status_code == 303


def test_notes_are_for_the_cell_and_mentions_find_their_colleague(amina, sign_in, cases, house):
    brahim = sign_in("brahim")
    amina.act(cases["own"], "note", text="@brahim peux-tu appeler ? @nobody @nadia")
    assert "peux-tu appeler" not in str(said(house, cases["person"]))
    assert 'data-count="mentions">1<' in brahim.get("/desk").text
    assert cases["reference"] in brahim.get("/desk?view=mentions").text
    assert "peux-tu appeler" in brahim.page(cases["own"])
    assert 'data-count="mentions"' not in brahim.get("/desk").text


def test_labels_filters_search_and_saved_views(amina, cases, house, now):
    with house.database.write() as session:
        add_case(
            session, add_person(session, now, "c"), now, question="autre chose", topic="health", urgent_type="medical"
        )
    amina.act(cases["own"], "labels", labels="logement, urgent social , logement")
    assert get(house, cases["own"])
    for query, own, other in (
        ("label=logement", True, False),
        ("topic=health", False, True),
        ("urgent=1", False, True),
        ("words=سوالي", True, False),
        (f"words={cases['reference']}", True, False),
        ("words=autre+cho", False, True),
        ("language=ar", True, True),
        ("channel=whatsapp", False, False),
        ("view=closed", False, False),
        ("view=nonsense&page=9999999", True, True),
    ):
        page = amina.get(f"/desk?{query}").text
        assert (cases["reference"] in page, "autre chose" in page.split('id="rows"')[1]) == (own, other), query
    amina.post("/desk/views", {"name": "Santé", "query": "view=live&topic=health"})
    page = amina.get("/desk").text
    assert "Santé" in page
    view_id = re.search(r"/desk/views/(\w+)/delete", amina.get("/desk?view=live&topic=health").text)[1]
    amina.post(f"/desk/views/{view_id}/delete")
    assert "☆ Santé" not in amina.get("/desk").text


def test_cases_of_one_person_are_merged(amina, cases, house, now):
    amina.act(cases["own"], "reply", text="première fois")
    amina.act(cases["own"], "close")
    with house.database.write() as session:
        case = add_case(session, conversations.find_person(session, cases["person"]), now, question="encore moi")
        second = case.id
    assert cases["reference"] in amina.page(second)
    assert amina.act(second, "merge", source=cases["own"]).status_code == 303
    assert "première fois" in amina.page(second)
    assert get(house, cases["own"]).merged_into == second
    assert amina.act(second, "merge", source=cases["own"]).status_code == 409
    assert amina.act(second, "merge", source=cases["other"]).status_code == 404
    assert second in amina.get(f"/desk?words={cases['reference']}").text


def test_an_agent_can_call_a_case_urgent(amina, cases, house):
    amina.act(cases["own"], "urgency", urgency="child")
    case = get(house, cases["own"])
    assert (case.urgency, case.rank) == ("child", 0)
    amina.act(cases["own"], "urgency", urgency="<b>")
    assert get(house, cases["own"]).urgency == "child"
    amina.act(cases["own"], "urgency", urgency="")
    assert get(house, cases["own"]).rank == 1


def test_an_article_is_previewed_and_sent_in_the_persons_language(amina, cases, house):
    found = amina.get(f"/desk/cases/{cases['own']}/answers?q=salaire minimum").text
    assert "Quel est le salaire minimum" in found
    assert re.search(r'class="preview"[^>]*lang="ar">[^<]*[\u0600-\u06ff]{3}', found)
    amina.act(cases["own"], "reply", article="minimum-wage")
    author, text = said(house, cases["person"])[-1]
    assert author == "agent"
    assert re.search(r"[\u0600-\u06ff]{3}", text)
    assert amina.act(cases["own"], "reply", article="../../etc/passwd").status_code == 400


def test_ready_made_replies_are_linked_in_three_languages(amina, cases):
    found = amina.get(f"/desk/cases/{cases['own']}/answers?q=bonjour").text
    assert "السلام عليكم" in found
    texts = {f"{kind}_{code}": f"{kind} {code}" for kind in ("title", "text") for code in ("ar", "fr", "en")}
    assert amina.post("/desk/canned", {**texts, "text_ar": ""}).status_code == 400
    assert amina.post("/desk/canned", texts).status_code == 303
    found = amina.get(f"/desk/cases/{cases['own']}/answers?q=title fr").text
    assert "title fr" in found
    assert "text ar" in found
    canned_id = re.search(r"/desk/canned/(\w+)/delete", amina.get("/desk/canned").text)[1]
    amina.post(f"/desk/canned/{canned_id}/delete")
    assert "title fr" not in amina.get("/desk/canned").text


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_the_desk_speaks_the_agents_language(sign_in, cases, language):
    lead = sign_in("lead")
    answer = lead.post("/desk/language", {"language": language, "back": "/desk/cell"})
    assert answer.headers["location"] == "/desk/cell"
    direction = "rtl" if language == "ar" else "ltr"
    for path in ("", "/cell", "/people", "/audit", "/account", "/figures", "/canned", f"/cases/{cases['own']}"):
        answer = lead.get(f"/desk{path}")
        assert answer.status_code == 200, path
        assert f'<html lang="{language}" dir="{direction}">' in answer.text


def test_a_case_without_a_cell_is_given_to_one(sign_in, house, now, cases):
    admin, nadia = sign_in("admin"), sign_in("nadia")
    with house.database.write() as session:
        person = add_person(session, now, "z")
        case = add_case(session, person, now, cell_id="", question="quelqu'un ?")
        case_id, person_id = case.id, person.id
        assert case.status == "pending"
    assert admin.get("/desk").headers["location"] == "/desk/pending"
    page = admin.get("/desk/pending").text
    assert case_id in page
    assert "quelqu" not in page
    with house.database.read() as session:
        assert conversations.lock_person(session, person_id) == "bot"
    assert admin.post(f"/desk/pending/{case_id}", {"cell": "cell-nador"}).status_code == 303
    assert "quelqu" in nadia.page(case_id)
    assert said(house, person_id)[-1] == ("bot", "utter_case_transferred")
    with house.database.read() as session:
        assert conversations.lock_person(session, person_id) == "desk"
    assert admin.post(f"/desk/pending/{case_id}", {"cell": "cell-nador"}).status_code == 404
