"""Measures Dalil: training, start-up, memory, and turns through the whole way in (stored, answered, stored)."""

import asyncio
import json
import time
from pathlib import Path

import httpx

from bot.model import train
from bot.secrets import new_id
from bot.settings import Settings
from channels.terminal import Conversations, temporary_database
from knowledge.examples import examples
from tests.bench.measure import CONVERSATIONS, MESSAGES, Figures, resident_memory
from tests.fixtures.server import Server


def measure(folder: Path) -> Figures:
    folder.mkdir(parents=True)
    figures = Figures()
    trained = list(examples())
    figures.examples = len(trained)
    figures.labels = len({label for _, label, _ in trained})
    began = time.perf_counter()
    model = train(folder / "models")
    figures.training = time.perf_counter() - began
    asyncio.run(_measure_turns(figures, Settings(model=model)))
    _measure_server(figures, folder, model)
    return figures


async def _measure_turns(figures: Figures, settings: Settings) -> None:
    with temporary_database(settings) as (own, database):
        conversations = Conversations(own, database)
        for number in range(CONVERSATIONS + 2):
            address = new_id()
            for message in MESSAGES:
                heard = await conversations.say(address, message)
                if number >= 2:  # the first two warm up
                    figures.turns.append(heard.milliseconds)


def _measure_server(figures: Figures, folder: Path, model: Path) -> None:
    server = Server(folder / "data", DALIL_MODEL=str(model))
    began = time.perf_counter()
    server.start()
    figures.start_up = time.perf_counter() - began
    figures.memory = resident_memory(server._process.pid)
    try:
        for _ in range(5):
            figures.http_turns += _one_visit(server)
    finally:
        server.stop()


def _one_visit(server: Server) -> list[float]:
    """From the POST of a message to its answer on the event stream of the page."""
    times = []
    with httpx.Client(base_url=server.address, timeout=30) as client:
        client.post("/channels/web/session")
        with client.stream("GET", "/channels/web/events") as stream:
            lines = stream.iter_lines()
            for number, text in enumerate(MESSAGES):
                began = time.perf_counter()
                client.post("/channels/web/messages", json={"id": f"bench{new_id()[:8]}{number:02}", "text": text})
                for line in lines:
                    if line.startswith("data: ") and json.loads(line.removeprefix("data: "))["author"] == "bot":
                        break
                times.append((time.perf_counter() - began) * 1000)
    return times
