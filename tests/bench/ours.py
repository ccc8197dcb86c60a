"""Measures Dalil: training, start-up, memory, and turns through the whole way in (stored, answered, stored)."""

import asyncio
import json
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from bot.model import train
from bot.secrets import new_id
from bot.settings import Settings
from channels.terminal import Conversations, temporary_database
from knowledge.examples import examples
from nlu.components import store
from nlu.ranking import Ranker
from tests.bench.measure import CONVERSATIONS, MESSAGES, Figures, resident_memory
from tests.fixtures.server import Server

#: How many times over the catalogue is known where its growth is measured.
_TIMES = 10
#: By how much a copy of an article scores less, so that the article itself is chosen as before.
_LESS = 3.0


def measure(folder: Path) -> Figures:
    folder.mkdir(parents=True)
    figures = Figures()
    trained = list(examples())
    figures.examples = len(trained)
    figures.labels = len({label for _, label, _ in trained})
    began = time.perf_counter()
    model = train(folder / "models")
    figures.training = time.perf_counter() - began
    figures.turns = asyncio.run(_turns(Settings(model=model)))
    with _catalogue_many_times_over():
        many = asyncio.run(_turns(Settings(model=model)))
    ratio = statistics.median(many) / figures.median
    figures.notes.append(
        f"With {_TIMES} times the articles a turn takes {statistics.median(many):.1f} ms at the median: {ratio:.2f} times as long."
    )
    _measure_server(figures, folder, model)
    return figures


async def _turns(settings: Settings) -> list[float]:
    """The times of turns, in milliseconds."""
    times = []
    with temporary_database(settings) as (own, database):
        conversations = Conversations(own, database)
        for number in range(CONVERSATIONS + 2):
            address = new_id()
            for message in MESSAGES:
                heard = await conversations.say(address, message)
                if number >= 2:  # the first two warm up
                    times.append(heard.milliseconds)
    return times


@contextmanager
def _catalogue_many_times_over() -> Iterator[None]:
    """A model that is loaded inside knows each article several times over."""
    load = store.load

    def load_widened(*where: Any) -> Any:
        loaded = load(*where)
        return _widened(loaded) if isinstance(loaded, Ranker) else loaded

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "load", load_widened)
        yield


def _widened(ranker: Ranker) -> Ranker:
    articles = [column for column, label in enumerate(ranker.labels) if label.startswith("ask/")]
    copies = [(column, copy) for copy in range(1, _TIMES) for column in articles]
    columns = [*range(len(ranker.labels)), *(column for column, _ in copies)]
    labels = (*ranker.labels, *(f"{ranker.labels[column]}-{copy}" for column, copy in copies))
    offsets = ranker._offsets[columns]
    offsets[len(ranker.labels) :] -= _LESS
    return replace(ranker, labels=labels, _weights=np.ascontiguousarray(ranker._weights[:, columns]), _offsets=offsets)


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
