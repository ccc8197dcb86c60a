"""Voice notes, photos and documents kept for an agent: encrypted on disk, the key of each in its row.

A file is unreadable the moment its row is deleted, whatever becomes of the disk; ``sweep`` then takes it away.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from cryptography.fernet import Fernet
from sqlalchemy import ForeignKey, String, Text, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.conversations import Message
from bot.messages import MediaKind
from bot.secrets import AddressBook, new_id
from bot.store.base import Base, Rows, UtcDateTime

FileState = Literal["asked", "kept", "refused", "left"]

#: What is kept, by the first bytes of a file and where they stand. A file's name and declared type count for nothing.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (8, b"WEBP", "image/webp"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"#!AMR", "audio/amr"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftypmp4", "audio/mp4"),
    (4, b"ftypisom", "audio/mp4"),
    (0, b"%PDF-", "application/pdf"),
)

#: The largest file that is kept, in bytes.
LARGEST_FILE = 10 * 1024 * 1024

_YOUNG_SECONDS = 600


class File(Base):
    """A file of a message. ``sealed_reference`` is where it can be fetched, and is emptied once that is done."""

    __tablename__ = "files"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(7), index=True)
    reason: Mapped[str] = mapped_column(String(12), default="")
    content_type: Mapped[str] = mapped_column(String(40), default="")
    size: Mapped[int] = mapped_column(default=0)
    sealed_reference: Mapped[str] = mapped_column(Text, default="")
    sealed_key: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


_files = Base.metadata.tables["files"]


def content_type_of(content: bytes) -> str:
    """The type that a file's bytes say it has, or "" for one that is not kept."""
    return next((name for at, mark, name in _SIGNATURES if content[at : at + len(mark)] == mark), "")


def ask_for(
    rows: Rows,
    book: AddressBook,
    *,
    message_id: int,
    person_id: str,
    channel: str,
    kind: MediaKind,
    reference: str,
    size: int,
    now: datetime,
) -> None:
    """Note a file that may be worth keeping; whether it is depends on who answers the person."""
    rows.execute(
        insert(_files),
        {
            "id": new_id(),
            "message_id": message_id,
            "person_id": person_id,
            "channel": channel,
            "kind": kind,
            "state": "asked",
            "size": size,
            "sealed_reference": book.seal(reference),
            "created_at": now,
        },
    )


def list_asked(session: Session, person_id: str) -> list[File]:
    """Files of a person that have not been fetched or left."""
    query = select(File).where(File.person_id == person_id, File.state == "asked").order_by(File.message_id)
    return list(session.scalars(query))


def list_people_asked(session: Session) -> list[str]:
    """People with files that have not been fetched or left."""
    return list(dict.fromkeys(session.scalars(select(File.person_id).where(File.state == "asked"))))


def leave(rows: Rows, message_id: int) -> None:
    """Do not keep the files of a message: nobody is there to look at them. Where they are is forgotten too."""
    rows.execute(_LEAVE, {"message": message_id})


_LEAVE = (
    update(_files)
    .where(_files.c.message_id == bindparam("message"), _files.c.state == "asked")
    .values(state="left", sealed_reference="")
)


def files_of(session: Session, message_ids: Sequence[int]) -> dict[int, list[File]]:
    """The files of these messages, by message."""
    found: dict[int, list[File]] = {}
    for row in session.scalars(select(File).where(File.message_id.in_(message_ids)).order_by(File.id)):
        found.setdefault(row.message_id, []).append(row)
    return found


def find_file(session: Session, file_id: str, *, case_id: str) -> File | None:
    """A file of a case, or None: a file of another case is not there."""
    query = select(File).join(Message, Message.id == File.message_id)
    return session.scalar(query.where(File.id == file_id, Message.case_id == case_id))


class FileCabinet:
    """The folder of encrypted files."""

    def __init__(self, folder: Path, book: AddressBook) -> None:
        self._folder = folder / "files"
        self._book = book

    def keep(self, row: File, content: bytes) -> None:
        """Encrypt a file under a key of its own and write it; the caller's transaction makes it readable."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = Fernet.generate_key()
        path = self._path(row.id)
        path.touch(mode=0o600)
        path.write_bytes(Fernet(key).encrypt(content))
        row.state, row.reason, row.size = "kept", "", len(content)
        row.content_type = content_type_of(content)
        row.sealed_key, row.sealed_reference = self._book.seal(key.decode()), ""

    def open(self, row: File) -> bytes | None:
        """The content of a kept file, or None if it is not there."""
        path = self._path(row.id)
        if row.state != "kept" or not path.exists():
            return None
        return Fernet(self._book.unseal(row.sealed_key).encode()).decrypt(path.read_bytes())

    def sweep(self, session: Session) -> int:
        """Take away files whose row is gone; returns how many. A young one may belong to a row that is not yet written."""
        if not self._folder.exists():
            return 0
        kept = set(session.scalars(select(File.id).where(File.state == "kept")))
        before = time.time() - _YOUNG_SECONDS
        orphans = [path for path in self._folder.iterdir() if path.stem not in kept and path.stat().st_mtime < before]
        for path in orphans:
            path.unlink(missing_ok=True)
        return len(orphans)

    def _path(self, file_id: str) -> Path:
        return self._folder / f"{file_id}.sealed"
