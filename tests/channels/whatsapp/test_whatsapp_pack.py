"""The replay pack: every kind of form, and what it must become; and then all of them through the open doors."""

import pytest
from starlette.datastructures import ImmutableMultiDict

from bot import conversations
from channels.whatsapp.parse import parse_message, parse_status
from tests.channels.packs import described, load_pack
from tests.fixtures.providers.twilio import ACCOUNT, NUMBER

PACK = load_pack("whatsapp")


def test_the_pack_is_large_enough():
    assert len(PACK) >= 40


@pytest.mark.parametrize("case", PACK, ids=lambda case: case["label"])
def test_a_form_becomes_what_the_pack_says(case):
    if "status" in case:
        parsed = parse_status(ImmutableMultiDict(case["status"]), account_sid=ACCOUNT, url=case["url"])
    else:
        parsed = parse_message(ImmutableMultiDict(case["form"]), account_sid=ACCOUNT, number=NUMBER)
    assert described(parsed) == case["expect"]


async def test_the_whole_pack_is_taken_without_an_error_and_every_message_is_answered(street, phone, caplog):
    for case in PACK:
        path = case.get("url", "/channels/whatsapp/webhook")
        answer = await phone.post(case.get("status") or case["form"], path=path)
        assert answer.status_code == 200, case["label"]
    with street.house.database.read() as session:
        inbound = session.query(conversations.Message).filter_by(direction="in").all()
        outbound = session.query(conversations.Message).filter_by(direction="out").count()
    assert len(inbound) == sum(case["expect"]["kind"] == "message" for case in PACK)
    assert all(row.answered_at for row in inbound)
    assert outbound == len(inbound)
    assert street.twilio.wrongs == []
    assert "Traceback" not in caplog.text
