"""Voice notes, photos and documents: kept for the officer while a case is open, judged by their bytes; else said so."""

import pytest

from bot import conversations, files
from bot.privacy import forget_conversation
from tests.channels.telegram.conftest import TelegramPhone
from tests.channels.whatsapp.conftest import WhatsAppPhone
from tests.fixtures.people import add_case
from tests.fixtures.providers.twilio import ACCOUNT

OGG = b"OggS" + b"\x00" * 2000
PDF = b"%PDF-1.7" + b"x" * 500


class TelegramSender(TelegramPhone):
    channel = "telegram"

    async def send_file(self, name, content, declared="audio/ogg", caption=None):
        self.street.telegram.files[name] = content
        kind = {"audio": "voice", "image": "photo"}.get(declared.split("/")[0], "document")
        sent = {
            "file_id": name,
            "file_unique_id": name,
            "duration": 1,
            "file_size": len(content),
            "width": 1,
            "height": 1,
        }
        more = {"caption": caption} if caption else {}
        return await self.update(message=self.message(**{kind: [sent] if kind == "photo" else sent}, **more))


class WhatsAppSender(WhatsAppPhone):
    channel = "whatsapp"

    async def send_file(self, name, content, declared="audio/ogg", caption=""):
        self.street.twilio.media[name] = content
        url = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/{name}"
        return await self.send(Body=caption or "", NumMedia="1", MediaUrl0=url, MediaContentType0=declared)


@pytest.fixture(params=[TelegramSender, WhatsAppSender], ids=["telegram", "whatsapp"])
def phone(request, street):
    return request.param(street)


def open_case(street, phone):
    with street.house.database.write() as session:
        case = add_case(session, conversations.find_person(session, phone.person_id()), street.clock())
        case.channel = phone.channel
        return case.id


def rows(street):
    with street.house.database.read() as session:
        return session.query(files.File).order_by(files.File.created_at).all()


@pytest.mark.parametrize(
    ("declared", "content"),
    [("audio/ogg", OGG), ("image/jpeg", b"\xff\xd8\xff\xe0" + b"x" * 99), ("application/pdf", PDF)],
)
async def test_without_a_case_nothing_is_kept_and_the_person_has_a_way_on(street, phone, declared, content):
    await phone.say("bonjour")
    await phone.send_file("FILE1", content, declared)
    assert len(phone.heard) == 2
    last = (
        street.telegram.sent[-1]["markup"]["inline_keyboard"]
        if phone.channel == "telegram"
        else street.twilio.sent[-1]["buttons"]
    )
    assert last
    assert [(row.state, row.sealed_reference) for row in rows(street)] == [("left", "")]
    assert not (street.house.settings.data_path / "files").exists()


async def test_in_a_language_that_is_not_known_yet_it_is_said_in_three(street):
    phone = WhatsAppSender(street)
    await phone.send_file("FILE1", OGG)
    assert all(word in phone.heard[0] for word in ("الصوتية", "vocal", "voice"))


async def test_with_a_case_it_is_kept_encrypted_and_the_person_is_told(street, phone):
    await phone.say("bonjour")
    case_id = open_case(street, phone)
    await phone.send_file("FILE1", OGG)
    (row,) = rows(street)
    assert (row.state, row.content_type, row.size, row.sealed_reference) == ("kept", "audio/ogg", len(OGG), "")
    (path,) = (street.house.settings.data_path / "files").iterdir()
    assert b"OggS" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert street.house.mailroom.cabinet.open(row) == OGG
    assert "agent" in phone.heard[-1]
    with street.house.database.read() as session:
        assert files.find_file(session, row.id, case_id=case_id).id == row.id
        assert files.find_file(session, row.id, case_id="another") is None
    if phone.channel == "whatsapp":
        assert street.twilio.deleted == ["FILE1"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"MZ\x90\x00" + b"x" * 100, "wrong_type"),
        (b"<html><script>", "wrong_type"),
        (b"", "wrong_type"),
        (OGG + b"x" * (11 * 1024 * 1024), "too_large"),
        (None, "gone"),
    ],
    ids=["program", "page", "empty", "large", "gone"],
)
async def test_what_is_not_what_it_says_or_too_large_is_refused(street, phone, content, reason):
    await phone.say("bonjour")
    open_case(street, phone)
    await phone.send_file("FILE1", content or b"")
    if content is None:
        return await refused_as_gone(street, phone)
    (row,) = rows(street)
    assert (row.state, row.reason) == ("refused", reason)
    assert len(phone.heard) == 2
    assert not (street.house.settings.data_path / "files").exists()


async def refused_as_gone(street, phone):
    street.telegram.files.clear()
    street.twilio.media.clear()
    if phone.channel == "telegram":
        await phone.update(message=phone.message(voice={"file_id": "GONE", "file_unique_id": "g", "duration": 1}))
    else:
        url = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/GONE"
        await phone.send(NumMedia="1", MediaUrl0=url, MediaContentType0="audio/ogg")
    assert rows(street)[-1].reason == "gone"


async def test_a_caption_is_answered_and_the_picture_explained(street, phone):
    await phone.send_file("FILE1", b"\xff\xd8\xff" + b"x" * 99, "image/jpeg", caption="c'est quoi ce papier ?")
    assert "echo 📷 c'est quoi ce papier ?" in phone.heard[0]
    assert "photo" in phone.heard[0]


async def test_what_cannot_be_kept_is_answered_also_while_an_officer_has_the_case(street):
    phone = TelegramSender(street)
    await phone.say("bonjour")
    open_case(street, phone)
    await phone.update(message=phone.message(sticker={"file_id": "S", "file_unique_id": "s"}))
    assert "PDF" in phone.heard[-1]


async def test_delete_me_makes_a_file_unreadable_at_once_and_the_sweep_takes_it_away(street, phone):
    import os
    import time

    await phone.say("bonjour")
    open_case(street, phone)
    await phone.send_file("FILE1", OGG)
    folder = street.house.settings.data_path / "files"
    (path,) = folder.iterdir()
    with street.house.database.write() as session:
        forget_conversation(session, phone.person_id(), now=street.clock())
    assert rows(street) == []  # the key went with the row
    with street.house.database.write() as session:
        assert street.house.mailroom.cabinet.sweep(session) == 0  # young: its row might not be written yet
    os.utime(path, (time.time() - 3600, time.time() - 3600))
    with street.house.database.write() as session:
        assert street.house.mailroom.cabinet.sweep(session) == 1
    assert list(folder.iterdir()) == []


async def test_the_officer_reads_it_at_the_desk_and_nobody_else(street, phone):
    from channels.staff import accounts

    await phone.say("bonjour")
    case_id = open_case(street, phone)
    await phone.send_file("FILE1", PDF, "application/pdf")
    with street.house.database.write() as session:
        for cell in ("cell-oujda", "cell-nador"):
            accounts.add_agent(
                session,
                username=cell,
                password="a long enough password",
                cell_id=cell,
                language="fr",
                now=street.clock(),
            )
    file_id = rows(street)[0].id
    address = f"/desk/cases/{case_id}/files/{file_id}"
    assert (await street.http.get(address)).status_code == 303
    for cell, status in (("cell-nador", 404), ("cell-oujda", 200)):
        street.http.cookies.clear()
        await street.http.post("/desk/sign-in", data={"username": cell, "password": "a long enough password"})
        answer = await street.http.get(address)
        assert answer.status_code == status
    assert answer.content == PDF
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
    page = (await street.http.get(f"/desk/cases/{case_id}")).text
    assert address in page
    assert "Envoyé" in page
