import pytest

from bot.cases import lifecycle, repository, service
from bot.cases.repository import CaseFilter
from bot.cases.search import reference_in, words_of
from bot.conversations import find_person
from bot.messages import OutboundMessage
from bot.privacy import forget_conversation
from tests.fixtures.people import add_case, add_inbound, add_person, terms_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Carte de SÉJOUR, s'il vous plaît", ["carte", "de", "sejour", "il", "vous", "plait"]),
        ("بِطَاقَةُ الإقامة", ["بطاقه", "الاقامه"]),
        ("أين إدارة المستشفى؟", ["اين", "اداره", "المستشفي"]),
        ("\u202e<script>alert(1)</script>", ["script", "alert", "script"]),
        ("", []),
    ],
)
def test_words_have_one_spelling(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("query", "reference"), [("abc-234", "ABC-234"), (" ABC234 ", "ABC-234"), ("abc 234", "ABC-234"), ("abcd", None)]
)
def test_a_reference_is_recognised(query, reference):
    assert reference_in(query) == reference


def found(session, words, cell="cell-oujda"):
    return [
        case.id for case in repository.list_cases(session, cell_id=cell, wanted=CaseFilter(view="all", words=words))
    ]


def test_a_case_is_found_by_what_was_said_noted_and_answered_and_by_its_reference(database, now):
    with database.write() as session:
        person = add_person(session, now)
        case = add_case(session, person, now, question="بطاقة الإقامة")
        other = add_case(session, add_person(session, now, "b"), now, question="scolarité")
        message = add_inbound(session, person, "Où est la préfecture ?", now, "1")
        service.receive_message(session, case, message.id, now=now, terms_of=terms_of)
        lifecycle.note(session, case, text="rappeler jeudi", mentions=[], by=None, now=now)
        service.reply(session, case, agent_id=None, message=OutboundMessage("Venez demain"), now=now, terms_of=terms_of)
        for words in (
            "بطاقه",
            "الاقامة",
            "prefect",
            "RAPPELER jeudi",
            "venez",
            case.reference,
            case.reference.replace("-", "").lower(),
        ):
            assert found(session, words) == [case.id], words
        assert found(session, "scolarite") == [other.id]
        assert found(session, "scolarite prefecture") == []
        assert found(session, "'; drop table cases; --") == []
        assert found(session, "!!!") == []


def test_a_transferred_case_is_found_at_its_new_cell_only(database, now):
    with database.write() as session:
        case = add_case(session, add_person(session, now), now, question="passeport")
        lifecycle.transfer(
            session, case, to="cell-nador", distance_km=1.0, reason="", by=None, now=now, terms_of=terms_of
        )
        assert found(session, "passeport") == []
        assert found(session, case.reference) == []
        assert found(session, "passeport", "cell-nador") == [case.id]


def test_a_forgotten_person_is_found_no_more(database, now):
    with database.write() as session:
        person = add_person(session, now)
        case = add_case(session, person, now, question="secret words")
        lifecycle.note(session, case, text="more secrets", mentions=[], by=None, now=now)
        forget_conversation(session, person.id, now=now)
        assert found(session, "secret") == []
        assert find_person(session, person.id).owner == "bot"
        assert all(event.data == {} for event in repository.list_events(session, case.id))
