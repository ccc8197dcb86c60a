"""Files that people sent to an officer: how one is handed to the browser, and the words for what became of messages."""

from fastapi import Response

from bot.files import File
from bot.words import Words, load_words
from channels.gate import WORDS

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
