"""Fetches the files of a case from the channel they came through, looks at their bytes, and keeps or refuses them."""

import logging
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot import conversations, files
from bot.clock import Clock
from bot.conversations import Message
from bot.files import LARGEST_FILE, File, FileCabinet
from bot.secrets import AddressBook
from bot.store.database import Database
from channels.channel import Channel, FetchesFiles, FileGone, FileTooLarge
from channels.gate import Gate

log = logging.getLogger(__name__)


@dataclass
class FileKeeper:
    """Keeps what people send to the officer who has their case."""

    database: Database
    book: AddressBook
    gate: Gate
    cabinet: FileCabinet
    channels: dict[str, Channel]
    now: Clock

    def has_work(self, person_id: str) -> bool:
        """Whether a person has sent something that has not been fetched."""
        with self.database.read() as session:
            return bool(files.list_asked(session, person_id))

    async def keep_asked(self, person_id: str) -> None:
        """Fetch every file of a person that waits; raises SendFailed to try again later."""
        with self.database.read() as session:
            asked = files.list_asked(session, person_id)
        for row in asked:
            await self._keep(row)

    def give_up(self, person_id: str) -> None:
        """Say that what waits could not be fetched."""
        with self.database.write() as session:
            for row in files.list_asked(session, person_id):
                self._refuse(session, row, "gone")

    async def _keep(self, row: File) -> None:
        channel = self.channels.get(row.channel)
        if not self._is_of_case(row) or not isinstance(channel, FetchesFiles):
            with self.database.write() as session:
                files.leave(session, row.message_id)
            return
        content, reason = b"", ""
        if row.size > LARGEST_FILE:
            reason = "too_large"
        else:
            try:
                content = await channel.fetch_file(self.book.unseal(row.sealed_reference), largest=LARGEST_FILE)
            except FileTooLarge:
                reason = "too_large"
            except FileGone:
                reason = "gone"
            if not reason and not files.content_type_of(content):
                reason = "wrong_type"
        with self.database.write() as session:
            found = session.get(File, row.id)
            if found is None or found.state != "asked":
                return  # deleted meanwhile, or another process was first
            if reason:
                self._refuse(session, found, reason)
            else:
                self.cabinet.keep(found, content)
                self._tell(session, found, "file_kept")
        log.info("file channel=%s kind=%s became=%s", row.channel, row.kind, reason or "kept")

    def _is_of_case(self, row: File) -> bool:
        with self.database.read() as session:
            message = session.get(Message, row.message_id)
            return message is not None and message.case_id is not None

    def _refuse(self, session: Session, row: File, reason: str) -> None:
        row.state, row.reason, row.sealed_reference = "refused", reason, ""
        self._tell(session, row, f"file_{reason}")

    def _tell(self, session: Session, row: File, key: str) -> None:
        person = conversations.find_person(session, row.person_id)
        message = session.get_one(Message, row.message_id)
        conversations.add_outbound(
            session,
            self.gate.say(key, person.language if person else ""),
            person_id=row.person_id,
            channel=row.channel,
            author="bot",
            now=self.now(),
            case_id=message.case_id,
        )
