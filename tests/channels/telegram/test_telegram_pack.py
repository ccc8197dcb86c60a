"""The replay pack: every kind of update, and what it must become; and then all of them through the open door."""

import json

import pytest

from channels.telegram.parse import parse_update_data
from tests.channels.packs import described, load_pack

PACK = load_pack("telegram")


def test_the_pack_is_large_enough():
    assert len(PACK) >= 40


@pytest.mark.parametrize("case", PACK, ids=lambda case: case["label"])
def test_an_update_becomes_what_the_pack_says(case):
    assert described(parse_update_data(case["update"])) == case["expect"]


async def test_the_whole_pack_is_taken_without_an_error_and_every_message_is_answered(street, phone, caplog):
    for case in PACK:
        answer = await phone.post(json.dumps(case["update"]))
        assert answer.status_code == 200, case["label"]
    phone.chat = 700100
    written = [case for case in PACK if case["expect"]["kind"] == "message" and not case["expect"].get("is_edit")]
    with street.house.database.read() as session:
        from bot import conversations

        rows = conversations.list_messages(session, phone.person_id())
    inbound = [row for row in rows if row.direction == "in"]
    assert len(inbound) >= len(written)
    assert all(row.answered_at for row in inbound)
    assert len([row for row in rows if row.direction == "out"]) == len(inbound)
    assert street.telegram.wrongs == []
    assert "Traceback" not in caplog.text
