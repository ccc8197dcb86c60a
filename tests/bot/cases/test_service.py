import dataclasses

import pytest

from bot import conversations
from bot.cases import repository, service
from bot.cases.model import CaseEvent, standing_after
from bot.cases.service import CaseRequest, new_case
from bot.cases.summary import CaseSummary
from bot.errors import CaseClosed, CaseNotFound, ConsentMissing
from bot.messages import OutboundMessage
from tests.fixtures.people import add_case, add_person, terms_of

HELLO = OutboundMessage("hello", language="ar")
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
        service.reply(session, case, agent_id=None, message=HELLO, now=now, terms_of=terms_of)
        assert case.status == "assigned"
        assert service.close_case(session, case, agent_id=None, closing=CLOSING, now=now, terms_of=terms_of)
        session.expire_all()
        assert case.status == "closed"
        assert conversations.find_person(session, person.id).owner == "bot"


def test_a_closed_case_takes_no_reply_and_closes_only_once(database, now):
    with database.write() as session:
        person = add_person(session, now)
        case = add_case(session, person, now)
        assert service.close_case(session, case, agent_id=None, closing=CLOSING, now=now, terms_of=terms_of)
        assert not service.close_case(session, case, agent_id=None, closing=CLOSING, now=now, terms_of=terms_of)
        with pytest.raises(CaseClosed):
            service.reply(session, case, agent_id=None, message=HELLO, now=now, terms_of=terms_of)
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
        standing_after([CaseEvent(kind="assigned", data={"to": "x"}, cell_id="c")])
