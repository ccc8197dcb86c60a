"""What Twilio has not signed is refused before anything of it is read."""

import pytest

from bot import conversations
from bot.aliases import find_person_at
from tests.fixtures.providers.twilio import AUTH_TOKEN


def stored(street):
    with street.house.database.read() as session:
        return session.query(conversations.Message).count() + session.query(conversations.Person).count()


@pytest.mark.parametrize("signature", ["", "wrong", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
@pytest.mark.parametrize("path", ["/channels/whatsapp/webhook", "/channels/whatsapp/status"])
async def test_without_the_signature_nothing_is_read(street, phone, signature, path, monkeypatch):
    monkeypatch.setattr("channels.whatsapp.channel.parse_message", lambda *_, **__: pytest.fail("it was parsed"))
    answer = await phone.post(phone.fields(Body="bonjour"), path=path, signature=signature)
    assert answer.status_code == 403
    assert stored(street) == 0


async def test_a_signature_is_good_for_its_own_fields_and_address_only(street, phone):
    from twilio.request_validator import RequestValidator

    signer = RequestValidator(AUTH_TOKEN)
    fields = phone.fields(Body="bonjour")
    address = f"{street.twilio.public_url}/channels/whatsapp/webhook"
    good = signer.compute_signature(address, fields)
    assert (await phone.post({**fields, "Body": "another"}, signature=good)).status_code == 403
    assert (await phone.post({**fields, "Extra": "1"}, signature=good)).status_code == 403
    assert (await phone.post(fields, path="/channels/whatsapp/webhook?x=1", signature=good)).status_code == 403
    inside = signer.compute_signature("http://inside/channels/whatsapp/webhook", fields)
    assert (await phone.post(fields, signature=inside)).status_code == 403
    other = RequestValidator("another token").compute_signature(address, fields)
    assert (await phone.post(fields, signature=other)).status_code == 403
    assert stored(street) == 0
    assert (await phone.post(fields, signature=good)).status_code == 200


async def test_what_is_broken_or_too_large_stores_nothing(street, phone):
    fields = phone.fields(Body="bonjour")
    from urllib.parse import urlencode

    whole = urlencode(fields)
    assert (await phone.post(fields, body=whole[: len(whole) // 2])).status_code == 403
    assert (await phone.post(fields, body=b"x" * 10_000_000)).status_code == 413
    assert (await phone.post(fields, body=b"Body=%ff%fe")).status_code == 400
    assert (await phone.post(fields, content_type="application/json")).status_code == 415
    assert (await phone.post(fields, content_type="multipart/form-data; boundary=x")).status_code == 415
    assert stored(street) == 0


async def test_a_replayed_message_is_acknowledged_and_nothing_comes_of_it(street, phone):
    fields = phone.fields(Body="bonjour")
    for _ in range(3):
        assert (await phone.post(fields)).status_code == 200
    assert len(phone.heard) == 1


async def test_the_signature_is_over_the_public_address_behind_a_proxy(street, phone):
    """The request arrives at http://inside; Twilio has signed https://dalil.example.org."""
    assert (await phone.say("bonjour")).status_code == 200


async def test_neither_number_nor_profile_name_is_kept(street, phone, sent_settings):
    await phone.say("bonjour")
    content = b"".join(path.read_bytes() for path in sent_settings.data_path.glob("dalil.sqlite*"))
    assert b"212600000001" not in content
    assert b"Amina Secret" not in content


async def test_a_person_keeps_their_conversation_when_their_number_changes(street, phone):
    await phone.send(Body="one", ExternalUserId="MA.1111")
    first = phone.person_id()
    phone.number = "whatsapp:+212600000099"
    await phone.send(Body="two", ExternalUserId="MA.1111")
    assert phone.person_id() == first
    assert street.twilio.sent[-1]["To"] == "whatsapp:+212600000099"


async def test_a_number_that_changes_hands_does_not_bring_its_conversation(street, phone):
    await phone.send(Body="one", ExternalUserId="MA.1111")
    first = phone.person_id()
    await phone.send(Body="two", ExternalUserId="MA.2222")
    assert phone.person_id() != first
    assert [text for author, text in street.transcript(phone.person_id()) if author == "person"] == ["two"]


async def test_a_person_without_a_number_is_answered_too(street, phone):
    phone.number = ""
    await phone.send(Body="one", ExternalUserId="MA.3333")
    assert street.twilio.sent[0]["To"] == "whatsapp:MA.3333"


async def test_a_number_known_first_and_its_account_later_are_one_person(street, phone):
    await phone.say("one")
    first = phone.person_id()
    await phone.send(Body="two", ExternalUserId="MA.4444")
    assert phone.person_id() == first
    with street.house.database.read() as session:
        book = street.house.receiver.book
        assert find_person_at(session, book, channel="whatsapp", address="account:MA.4444") == first
