"""Whole programs: the server killed in the middle of its work, `dalil ask`, and the stock Rasa commands."""

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from bot.model import get_model
from bot.settings import Settings
from tests.fixtures.server import ROOT, Server, running_server

pytestmark = pytest.mark.slow

QUESTIONS = ["bonjour", "quel est le salaire minimum ?", "كيف أجدد بطاقة الإقامة؟", "kifach njedded lakart", "merci"]


def run(*command, given="", timeout=300):
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TQDM_DISABLE": "1"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, input=given, capture_output=True, text=True, timeout=timeout, check=False
    )


def ask(lines):
    given = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    result = run(Path(sys.executable).parent / "dalil", "ask", "--json", given=given + "\n")
    assert result.returncode == 0, result.stderr[-2000:]
    return [json.loads(line) for line in result.stdout.splitlines()]


class TestKilled:
    """kill -9 in the middle of turns: every message is answered once, not zero times and not twice."""

    people = 8

    def write(self, server, number, accepted):
        with httpx.Client(base_url=server.address, timeout=30) as client:
            client.post("/channels/web/session")
            for turn, text in enumerate(QUESTIONS * 4):
                body = {"id": f"person{number:02}turn{turn:02}", "text": text}
                try:
                    if client.post("/channels/web/messages", json=body).status_code == 202:
                        accepted.append(body["id"])
                except httpx.HTTPError:
                    return

    def counts(self, server):
        database = sqlite3.connect(server.data_dir / "dalil.sqlite")
        unanswered = database.execute(
            "SELECT count(*) FROM messages WHERE direction = 'in' AND answered_at IS NULL"
        ).fetchone()[0]
        inbound = dict(
            database.execute("SELECT person_id, count(*) FROM messages WHERE direction = 'in' GROUP BY person_id")
        )
        answers = dict(
            database.execute("SELECT person_id, count(*) FROM messages WHERE direction = 'out' GROUP BY person_id")
        )
        ids = [row[0] for row in database.execute("SELECT provider_id FROM messages WHERE direction = 'in'")]
        database.close()
        return unanswered, inbound, answers, ids

    def test_each_message_is_answered_once(self, tmp_path):
        server = Server(tmp_path / "data")
        server.start()
        accepted: list[str] = []
        writers = [
            threading.Thread(target=self.write, args=(server, number, accepted)) for number in range(self.people)
        ]
        for writer in writers:
            writer.start()
        deadline = time.monotonic() + 60
        while len(accepted) < 3 * self.people and time.monotonic() < deadline:
            time.sleep(0.005)
        server.kill()
        for writer in writers:
            writer.join()
        unanswered, _, _, stored = self.counts(server)
        # The kill fell in the middle: accepted messages wait for an answer.
        assert unanswered > 0
        assert {identifier.split(":")[-1] for identifier in stored} >= set(accepted)
        server.start()
        try:
            deadline = time.monotonic() + 30
            while self.counts(server)[0] and time.monotonic() < deadline:
                time.sleep(0.1)
            unanswered, inbound, answers, _ = self.counts(server)
            assert unanswered == 0
            assert answers == inbound  # one packed answer for each message of each person
        finally:
            server.stop()


def test_bad_input_over_the_wire_gets_a_clear_reply_and_breaks_nothing(tmp_path):
    with running_server(tmp_path) as server, httpx.Client(base_url=server.address, timeout=30) as client:
        client.post("/channels/web/session")
        bad = ["", "a" * 100_000, "\u202e\u0000\u200b", "😀", "/restart", '/ask{"x":1}']
        for number, text in enumerate(bad):
            answer = client.post("/channels/web/messages", json={"id": f"badinput{number}", "text": text})
            assert answer.status_code == 202
        for body in ({"token": "unknown"}, {"place": "atlantis"}, {"location": {"latitude": 36.5, "longitude": -12.0}}):
            identifier = f"badinput{next(iter(body))}"
            assert client.post("/channels/web/messages", json={"id": identifier, **body}).status_code == 202
        assert client.post("/channels/web/messages", content="{broken").status_code == 400
        total = len(bad) + 3
        heard = []
        with client.stream("GET", "/channels/web/events", headers={"accept": "text/event-stream"}) as stream:
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    row = json.loads(line.removeprefix("data: "))
                    if row["author"] == "bot":
                        heard.append(row["text"])
                if len(heard) == total:
                    break
        assert all(heard)
        assert client.get("/health").json() == {"status": "ok"}
        assert "dalil_turn_seconds_count" in client.get("/metrics").text
        log = server.log.read_text()
        assert "restart" not in log
        assert "Traceback" not in log


class TestAsk:
    def test_one_line_for_each_in_order_and_bad_lines_do_not_stop_the_rest(self):
        answers = ask(
            [
                {"id": "a", "text": "Quel est le salaire minimum ?"},
                "not json",
                {"id": "c"},
                {"id": "d", "text": "bch7al?", "previous": ["kifach njedded lakart sejour dyali"]},
                {"id": "e", "text": "في أي مكتب؟", "previous": ["كيف أجدد بطاقة الإقامة؟"]},
                {"id": "f", "text": "ana f Nador"},
                {"id": "g", "text": "I want to kill myself tonight"},
                {"id": "h", "text": "ok", "language": "ar"},
                {"id": "i", "text": ""},
                {"id": "j", "text": "x" * 100_000},
                {"id": "half \ud83d", "text": "minimum wage \ud83d?"},
            ]
        )
        assert [answer["id"] for answer in answers] == ["a", 2, "c", "d", "e", "f", "g", "h", "i", "j", "half ?"]
        first, broken, incomplete, follow_up, where, place, danger, hinted, empty, long, half = answers
        assert (first["kind"], first["decision"], first["articles"][0]) == ("article", "answer", "minimum-wage")
        assert (first["language"], first["script"], first["facet"]) == ("fr", "Latn", None)
        assert 0.5 < first["confidence"] <= 1
        assert "17,92" in first["replies"][0]
        assert set(broken) == set(incomplete) == {"id", "error"}
        assert (follow_up["kind"], follow_up["facet"], follow_up["language"]) == ("follow_up", "cost", "ary")
        assert (where["kind"], where["facet"]) == ("follow_up", "where")
        assert (place["kind"], place["place_id"]) == ("place", "nador")
        assert (danger["kind"], danger["urgent_type"], danger["articles"][0]) == ("urgent", "suicide", "mental-health")
        assert any("\u0600" < letter < "\u06ff" for letter in hinted["replies"][0])
        assert empty["replies"][0]
        assert long["replies"][0]
        assert half["articles"][0] == "minimum-wage"

    def test_a_question_as_an_argument_is_answered_in_the_terminal(self):
        result = run(Path(sys.executable).parent / "dalil", "ask", "What is the minimum wage?")
        assert "17.92" in result.stdout
        assert "Checked on" in result.stdout


SERVING = """
import asyncio, sys
from bot.settings import load_settings
from channels.terminal import Conversations, temporary_database

with temporary_database(load_settings()) as (settings, database):
    heard = asyncio.run(Conversations(settings, database).say("someone", "What is the minimum wage?"))
assert "17.92" in heard.answers[0].text, heard
assert "tensorflow" not in sys.modules
import rasa.utils.train_utils
assert callable(rasa.utils.train_utils.rank_and_mask)  # who needs it gets it
assert "tensorflow" in sys.modules
"""


def test_the_assistant_answers_without_tensorflow_and_whoever_needs_it_gets_it():
    result = run(sys.executable, "-W", "ignore", "-c", SERVING)
    assert result.returncode == 0, result.stderr[-2000:]


class TestStockRasa:
    """The stock commands work on the same files."""

    rasa = (sys.executable, "-W", "ignore", "-m", "rasa")

    def test_data_validate(self):
        result = run(*self.rasa, "data", "validate", "--domain", "bot/domain", "--data", "bot/rules", "nlu/data")
        assert result.returncode == 0, result.stderr[-2000:]
        assert "No story structure conflicts found" in result.stdout + result.stderr

    def test_test_core(self, tmp_path):
        result = run(
            *(*self.rasa, "test", "core", "--model", str(get_model(Settings())), "--endpoints", "bot/endpoints.yml"),
            *("--stories", "tests/conversations/stories.yml", "--out", str(tmp_path)),
        )
        assert result.returncode == 0, result.stderr[-2000:]
        report = json.loads((tmp_path / "story_report.json").read_text())
        assert report["conversation_accuracy"]["accuracy"] == 1.0

    def test_test_nlu(self, tmp_path):
        messages = tmp_path / "messages.yml"
        messages.write_text(
            'version: "3.1"\nnlu:\n'
            "- intent: ask/minimum-wage\n  examples: |\n    - what is the minimum wage in Morocco\n    - combien est le smig\n"
            "- intent: greet\n  examples: |\n    - bonjour\n    - hello\n",
            encoding="utf-8",
        )
        result = run(
            *(*self.rasa, "test", "nlu", "--model", str(get_model(Settings())), "--nlu", str(messages)),
            *("--out", str(tmp_path / "out"), "--no-plot"),
        )
        assert result.returncode == 0, result.stderr[-2000:]
        report = json.loads((tmp_path / "out" / "intent_report.json").read_text())
        assert report["accuracy"] == 1.0

    def test_shell(self):
        """`rasa shell nlu` understands with the trained model."""
        result = run(
            *(*self.rasa, "shell", "nlu", "--model", str(get_model(Settings()))), given="combien est le smig\n/stop\n"
        )
        assert "minimum-wage" in result.stdout
