"""The page's endpoints, with what really arrives and what should not."""

import json

import pytest

from bot import conversations
from channels.channel import BELL


def post(client, body, **headers):
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    return client.post("/channels/web/messages", content=content, headers={"accept-language": "fr", **headers})


@pytest.fixture
def visitor(client):
    assert client.post("/channels/web/session").status_code == 200
    return client


def test_a_message_is_acknowledged_once_it_is_stored(visitor, house):
    answer = post(visitor, {"id": "abcdef123456", "text": "bonjour"})
    assert (answer.status_code, answer.json()) == (202, {"accepted": "abcdef123456"})
    assert house.assistant.heard == ["bonjour"]


def test_the_same_message_sent_twice_is_one_message(visitor, house):
    for _ in range(3):
        assert post(visitor, {"id": "abcdef123456", "text": "bonjour"}).status_code == 202
    assert house.assistant.heard == ["bonjour"]


def test_two_people_may_use_the_same_id(client, house):
    client.post("/channels/web/session")
    post(client, {"id": "abcdef123456", "text": "one"})
    client.cookies.clear()
    client.post("/channels/web/session")
    post(client, {"id": "abcdef123456", "text": "two"})
    assert house.assistant.heard == ["one", "two"]


def test_without_a_session_nothing_is_read(client, house):
    answer = post(client, {"id": "abcdef123456", "text": "bonjour"})
    assert answer.status_code == 401
    assert answer.json()["error"] == "session_expired"
    client.cookies.set("dalil_session", "forged.value.here")
    assert post(client, "not even json").status_code == 401
    assert client.get("/channels/web/events").status_code == 401
    assert house.assistant.heard == []


@pytest.mark.parametrize(
    "body",
    [
        "not json",
        b"\xff\xfe",
        "{}",
        "[]",
        "null",
        '{"id": "abcdef123456"}',
        '{"id": "abcdef123456", "text": "a", "token": "b"}',
        '{"id": "x", "text": "a"}',
        '{"id": "abcdef 123456", "text": "a"}',
        '{"id": "abcdef123456", "text": 5}',
        '{"id": "abcdef123456", "text": "a", "admin": true}',
        '{"id": "abcdef123456", "location": {"latitude": 999, "longitude": 0}}',
        '{"id": "abcdef123456", "location": {"latitude": "NaN"}}',
        "[" * 5000,
    ],
)
def test_broken_json_gets_a_clear_sentence_and_breaks_nothing(visitor, house, body):
    answer = post(visitor, body)
    assert answer.status_code == 400
    assert answer.json()["error"] == "not_understood"
    assert answer.json()["message"].startswith("La page")
    assert house.assistant.heard == []


@pytest.mark.parametrize(
    ("rest", "status"),
    [
        ({"text": "ma carte \ud83d"}, 202),
        ({"token": "\ud83d"}, 400),
        ({"place": "\ud83d"}, 400),
    ],
)
def test_half_a_character_breaks_nothing(visitor, house, rest, status):
    """Where a phone cuts a message in the middle of an emoji."""
    assert post(visitor, {"id": "abcdef123456", **rest}).status_code == status
    assert house.assistant.heard == (["ma carte"] if status == 202 else [])


def test_a_body_too_large_is_refused(visitor, house):
    assert post(visitor, b"x" * 1_200_000).status_code == 413
    assert house.assistant.heard == []


def test_a_long_message_is_answered_with_a_sentence(visitor, house):
    assert post(visitor, {"id": "abcdef123456", "text": "a" * 100_000}).status_code == 202
    assert house.assistant.heard == ['/report_problem{"problem": "too_long"}']


def test_another_site_cannot_post_for_a_person(visitor, house):
    answer = post(visitor, {"id": "abcdef123456", "text": "bonjour"}, origin="https://evil.example")
    assert answer.status_code == 403
    assert house.assistant.heard == []


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("fr", "ltr"), ("en", "ltr")])
def test_the_page_speaks_three_languages_and_asks_nobody_else(client, language, direction):
    page = client.get(f"/?language={language}")
    assert f'<html lang="{language}" dir="{direction}">' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "http://" not in page.text
    assert "https://" not in page.text


def test_the_browsers_language_is_taken_when_none_is_asked_for(client):
    assert 'lang="ar"' in client.get("/", headers={"accept-language": "ar-MA,fr;q=0.5"}).text
    assert 'lang="en"' in client.get("/", headers={"accept-language": "de, en;q=0.5"}).text


def test_the_places_come_in_the_language_of_the_page(client):
    names = {place["id"]: place["name"] for place in client.get("/channels/web/places?language=ar").json()}
    assert len(names) == 210
    assert names["oujda"] == "وجدة"


def test_our_own_transfer_stays_small():
    from channels.web.page import WEB_ROOT, render_page

    size = sum(path.stat().st_size for path in (WEB_ROOT / "static").iterdir())
    assert size + len(render_page("ar").body) < 60_000


async def test_a_stream_gives_what_was_missed_and_nothing_twice(house):
    from tests.channels.test_receive import message

    person_id = await house.accept(message("one", "1"))
    stream = house.web._stream(person_id, 0)
    first = [json.loads((await anext(stream)).data) for _ in range(2)]
    await stream.aclose()
    assert [row["text"] for row in first] == ["one", "echo one"]
    await house.accept(message("two", "2"))
    stream = house.web._stream(person_id, first[-1]["id"])
    second = [json.loads((await anext(stream)).data) for _ in range(2)]
    await stream.aclose()
    assert [row["text"] for row in second] == ["two", "echo two"]
    assert "payload" not in str(second)


async def test_a_waiting_stream_is_woken_by_a_delivery(house):
    import asyncio

    from tests.channels.test_receive import message

    person_id = await house.accept(message("one", "1"))
    stream = house.web._stream(person_id, 10_000)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    with house.database.read() as session:
        assert conversations.list_messages(session, person_id)
    await house.web.send(person_id, BELL)
    await asyncio.sleep(0)
    assert not waiting.done()  # woken, found nothing after 10,000, waits on
    waiting.cancel()
