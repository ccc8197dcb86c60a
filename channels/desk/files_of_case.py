"""Files that people sent to an officer: how one is handed to the browser, and the words for what became of messages."""

from fastapi import APIRouter, Request, Response

from bot import files
from bot.errors import CaseNotFound
from bot.files import File, FileCabinet
from bot.words import Words, load_words
from channels.desk.own_case import own_case
from channels.gate import WORDS
from channels.staff.front import Front, staff_router

_ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/amr": "amr",
    "audio/mp4": "m4a",
    "application/pdf": "pdf",
}


class FilePages:
    """The files of cases."""

    def __init__(self, front: Front, cabinet: FileCabinet) -> None:
        self._front = front
        self._cabinet = cabinet

    def router(self) -> APIRouter:
        """The route of a file."""
        router = staff_router(self._front)
        router.add_api_route("/cases/{case_id}/files/{file_id}", self.get_file, methods=["GET"])
        return router

    async def get_file(self, request: Request, case_id: str, file_id: str) -> Response:
        """A file of a case of the agent's cell. It is saved and never shown by the browser itself."""
        with own_case(self._front, request, case_id) as (session, case, _):
            row = files.find_file(session, file_id, case_id=case.id)
            content = self._cabinet.open(row) if row else None
        if row is None or content is None:
            raise CaseNotFound
        return as_download(row, content)


def channel_words(language: str) -> Words:
    """The words for deliveries, failures and files."""
    return load_words(WORDS, language)


def as_download(row: File, content: bytes) -> Response:
    """A file to be saved: under a name of ours, of the type that its bytes have, and with no right to run anything."""
    name = f"{row.kind}-{row.id[:8]}.{_ENDINGS.get(row.content_type, 'bin')}"
    return Response(
        content,
        media_type=row.content_type,
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "x-content-type-options": "nosniff",
            "content-security-policy": "default-src 'none'; sandbox",
            "cache-control": "no-store",
        },
    )
