"""The terminal as a channel: one question, a chat, or JSON Lines for those who measure."""

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO, TextIO

from pydantic import BaseModel, Field, ValidationError
from rich.console import Console

from bot.conversations import list_recent_messages
from bot.inbound import Waiting
from bot.languages import parse_answer_language
from bot.messages import InboundMessage, OutboundMessage
from bot.model import get_model
from bot.secrets import new_id
from bot.settings import Settings
from bot.store.database import Database, open_database
from bot.store.migrate import migrate
from bot.turn import Turn
from channels.receive import Receiver
from knowledge.library import load_library

_CHANNEL = "terminal"


class AskedQuestion(BaseModel):
    """One line of `dalil ask --json`."""

    id: str | int
    text: str
    previous: Annotated[list[str], Field(max_length=50)] = []
    language: str | None = None


class Conversations:
    """Fresh conversations through the whole way in: stored, answered, read back. For measuring and trying."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._database = database
        from bot.assistant import Assistant  # noqa: PLC0415 - Rasa takes seconds to import

        assistant = Assistant.load(get_model(settings), database)
        self.receiver = _WatchedReceiver(settings, database, assistant, load_library())
        self.people: dict[str, str] = {}

    async def say(self, address: str, text: str, *, language: str | None = None, token: str = "") -> "Heard":
        """One message of one person; returns the answers and what was understood."""
        message = InboundMessage(
            channel=_CHANNEL, provider_id=new_id(), address=address, text=text, token=token, language_hint=language
        )
        began = time.perf_counter()
        person_id, _ = self.receiver.store(message)
        self.people[address] = person_id
        self.receiver.last, self.receiver.last_answers = None, []
        await self.receiver.answer_waiting(person_id)
        took = (time.perf_counter() - began) * 1000
        turn = self.receiver.last or Turn([])
        answers = self.receiver.last_answers
        return Heard(person_id, turn, answers, took)


class Heard:
    """What one message led to. ``milliseconds`` is the whole way from accepting to the stored answer."""

    def __init__(self, person_id: str, turn: Turn, answers: list[OutboundMessage], milliseconds: float) -> None:
        self.person_id = person_id
        self.turn = turn
        self.answers = answers
        self.milliseconds = milliseconds


class _WatchedReceiver(Receiver):
    """A receiver that remembers its last turn."""

    last: Turn | None = None
    last_answers: list[OutboundMessage] = []  # noqa: RUF012 - replaced, never changed

    async def _turn(self, message: Waiting) -> tuple[Turn, bool]:
        turn, failed = await super()._turn(message)
        self.last = turn
        self.last_answers = self._packed(turn.messages, message.channel)
        return turn, failed


@contextmanager
def temporary_database(settings: Settings) -> Iterator[tuple[Settings, Database]]:
    """A database of its own that is thrown away, so that measuring leaves no trace among people's conversations."""
    with tempfile.TemporaryDirectory(prefix="dalil-") as folder:
        own = Settings(
            **{**settings.model_dump(), "data_dir": Path(folder), "database_url": "", "secret_key": new_id()}
        )
        database = open_database(own)
        migrate(database)
        yield own, database
        database.close()


async def ask_once(settings: Settings, question: str, language: str | None, console: Console) -> None:
    """One question, its answer printed."""
    with temporary_database(settings) as (own, database):
        heard = await Conversations(own, database).say(new_id(), question, language=language)
        for answer in heard.answers:
            _print(console, answer)


async def ask_lines(settings: Settings, lines: BinaryIO, out: TextIO) -> None:
    """Answer JSON Lines in order, one line each; a bad line gets an error and the rest go on."""
    with temporary_database(settings) as (own, database):
        conversations = Conversations(own, database)
        for number, raw in enumerate(lines, 1):
            if not raw.strip():
                continue
            line = json.dumps(await _answer_line(conversations, raw, number), ensure_ascii=False)
            # An id may hold half a character, which cannot be written.
            out.write(line.encode("utf-8", "replace").decode() + "\n")
            out.flush()


async def _answer_line(conversations: Conversations, raw: bytes, number: int) -> dict[str, Any]:
    identifier: Any = number
    try:
        data = json.loads(raw.decode("utf-8"))
        identifier = data.get("id", number) if isinstance(data, dict) else number
        question = AskedQuestion.model_validate(data)
    except (UnicodeDecodeError, ValueError, RecursionError, ValidationError) as error:
        return {"id": identifier, "error": f"line {number}: {_first_line(error)}"}
    address = new_id()
    for text in question.previous:
        await conversations.say(address, text, language=question.language)
    heard = await conversations.say(address, question.text, language=question.language)
    return describe(identifier, heard)


def describe(identifier: str | int, heard: Heard) -> dict[str, Any]:
    """One line of output: what was understood, what was decided, what was said."""
    turn, understood = heard.turn, heard.turn.understanding
    kind = str(understood.get("kind") or "unclear")
    places = [found["value"] for found in turn.entities if found.get("entity") == "place" and not found.get("role")]
    return {
        "id": identifier,
        "language": _language(turn),
        "script": turn.writing.get("script", "Latn"),
        "kind": kind,
        "decision": _decision(turn, kind),
        "articles": _articles(turn, kind)[:5],
        "confidence": round(float(understood.get("confidence") or 0.0), 4),
        "facet": understood.get("facet") if kind == "follow_up" else None,
        "place_id": places[0] if places else None,
        "urgent_type": understood.get("urgent_type"),
        "replies": [answer.text for answer in heard.answers],
        "ms": round(heard.milliseconds, 2),
    }


def _articles(turn: Turn, kind: str) -> list[str]:
    """The articles found, best first. What goes on about an answer is about its article, danger about what helps further."""
    found = [str(article) for article, _ in turn.understanding.get("articles", ())]
    about = turn.slots.get("article") if kind in ("follow_up", "urgent") else None
    return [str(about), *(article for article in found if article != about)] if about else found


def _language(turn: Turn) -> str:
    return str(turn.writing.get("language") or parse_answer_language(turn.language) or "fr")


def _decision(turn: Turn, kind: str) -> str:
    if kind == "article":
        return str(turn.slots.get("outcome") or "other")
    return "fallback" if kind == "unclear" and turn.slots.get("outcome") == "fallback" else "other"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


async def chat_in_terminal(settings: Settings, console: Console) -> None:
    """A conversation; a number presses a button; an empty line ends it."""
    with temporary_database(settings) as (own, database):
        conversations = Conversations(own, database)
        address, buttons = new_id(), ()
        while text := (await asyncio.to_thread(console.input, "> ")).strip():
            number = int(text) if text.isdigit() else 0
            if 0 < number <= len(buttons):
                heard = await _press(conversations, database, address, buttons[number - 1].title)
            else:
                heard = await conversations.say(address, text)
            for answer in heard.answers:
                buttons = _print(console, answer) or buttons


async def _press(conversations: Conversations, database: Database, address: str, title: str) -> Heard:
    with database.read() as session:
        rows = list_recent_messages(session, conversations.people[address], limit=10)
    tokens = {button["title"]: button["token"] for row in rows for button in row.buttons}
    return await conversations.say(address, "", token=tokens[title])


def _print(console: Console, answer: OutboundMessage) -> tuple[Any, ...]:
    console.print(answer.text, highlight=False, markup=False)
    for number, button in enumerate(answer.buttons, 1):
        console.print(f"  {number}. {button.title}", highlight=False, markup=False)
    console.print()
    return answer.buttons
