"""Measures stock Rasa on the same data: default pipeline with DIET and TED, REST channel, action server, SQLite tracker."""

import os
import subprocess
import sys
import time
from collections import defaultdict
from datetime import date
from pathlib import Path

import httpx
import yaml

from bot.secrets import new_id
from knowledge.examples import examples as all_examples
from knowledge.library import load_library
from tests.bench.measure import CONVERSATIONS, MESSAGES, Figures, resident_memory
from tests.fixtures.server import ROOT

PORT, ACTION_PORT = 5905, 5955

#: Rasa's default configuration (rasa init), written out; epochs are filled in.
CONFIG = """
recipe: default.v1
assistant_id: stock
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - {{name: CountVectorsFeaturizer, analyzer: char_wb, min_ngram: 1, max_ngram: 4}}
  - {{name: DIETClassifier, epochs: {epochs}, constrain_similarities: true}}
  - name: EntitySynonymMapper
  - {{name: ResponseSelector, epochs: {epochs}, constrain_similarities: true}}
  - {{name: FallbackClassifier, threshold: 0.3, ambiguity_threshold: 0.1}}
policies:
  - name: MemoizationPolicy
  - name: RulePolicy
  - {{name: UnexpecTEDIntentPolicy, max_history: 5, epochs: {epochs}}}
  - {{name: TEDPolicy, max_history: 5, epochs: {epochs}, constrain_similarities: true}}
"""

ACTION = '''
"""The same work as our action_answer, for a stock action server."""
from datetime import date
from rasa_sdk import Action
from knowledge.library import load_library

class ActionAnswer(Action):
    def name(self):
        return "action_answer"

    def run(self, dispatcher, tracker, domain):
        selected = tracker.latest_message.get("response_selector") or {}
        keys = [v["response"]["intent_response_key"] for v in selected.values() if isinstance(v, dict) and "response" in v]
        names = [key.split("/")[1] for key in keys if key and key.startswith("ask/")]
        library = load_library()
        article = library.articles.get(names[0]) if names else None
        if article is None:
            dispatcher.utter_message(response="utter_unclear")
        else:
            dispatcher.utter_message(text=library.text(article, "answer", language="fr", on=date.today()))
            dispatcher.utter_message(response="utter_source", source=article.sources[0].title["fr"], checked_on="2026")
        return []
'''

PLAIN = ("greet", "goodbye", "thank", "ask_help", "out_of_scope", "ask_privacy", "delete_me")
RESPONSE = {"ask_privacy": "utter_ask_privacy", "ask_help": "utter_ask_help", "delete_me": "utter_confirm_delete"}
TO_ACTION = ("ask", "follow_up", "urgent", "ask_person", "give_place")


def measure(folder: Path, *, epochs: int, most: int) -> Figures:
    """Stock Rasa on the same data; ``most`` examples a label at most (0: all of them)."""
    used, total = _write_project(folder, epochs, most)
    figures = Figures()
    began = time.perf_counter()
    _rasa(folder, "train", "--fixed-model-name", "stock", "--skip-validation").check_returncode()
    figures.training = time.perf_counter() - began
    figures.notes = [_training_note(figures.training, epochs, used, total)]
    environment = _environment()
    actions = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "rasa_sdk", "--actions", "actions", "--port", str(ACTION_PORT)],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    began = time.perf_counter()
    server = subprocess.Popen(
        [
            *(sys.executable, "-W", "ignore", "-m", "rasa", "run", "--model", "models/stock.tar.gz"),
            *(
                "--port",
                str(PORT),
                "-i",
                "127.0.0.1",
                "--endpoints",
                "endpoints.yml",
                "--credentials",
                "credentials.yml",
            ),
        ],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_ready()
        figures.start_up = time.perf_counter() - began
        figures.memory = resident_memory(server.pid) + resident_memory(actions.pid)
        figures.turns = _turns()
        figures.http_turns = figures.turns
    finally:
        server.kill()
        actions.kill()
    return figures


def _training_note(seconds: float, epochs: int, used: int, total: int) -> str:
    hours = seconds * 100 / epochs * total / used / 3600
    return (
        f"Stock Rasa was trained for {epochs} epochs on {used} of the {total} examples in {seconds:.0f} s: a turn costs the "
        f"same after any number of epochs, and no less with more examples. Its default, 100 epochs on all, extrapolated in "
        f"proportion: about {hours:.1f} hours."
    )


def _turns() -> list[float]:
    times = []
    with httpx.Client(base_url=f"http://127.0.0.1:{PORT}", timeout=60) as client:
        for number in range(CONVERSATIONS + 2):
            sender = new_id()
            for text in MESSAGES:
                began = time.perf_counter()
                client.post("/webhooks/rest/webhook", json={"sender": sender, "message": text}).raise_for_status()
                if number >= 2:
                    times.append((time.perf_counter() - began) * 1000)
    return times


def _wait_until_ready() -> None:
    """Ready is when a message is answered."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        try:
            body = {"sender": "ready", "message": MESSAGES[1]}
            answer = httpx.post(f"http://127.0.0.1:{PORT}/webhooks/rest/webhook", json=body, timeout=30)
            if answer.status_code == 200 and answer.json():
                return
        except (httpx.HTTPError, ValueError):
            pass
        time.sleep(0.5)
    raise RuntimeError("stock Rasa did not start")


def _write_project(folder: Path, epochs: int, most: int) -> tuple[int, int]:
    (folder / "data").mkdir(parents=True)
    (folder / "actions").mkdir()
    (folder / "config.yml").write_text(CONFIG.format(epochs=epochs))
    (folder / "actions" / "__init__.py").write_text("")
    (folder / "actions" / "answer.py").write_text(ACTION)
    (folder / "credentials.yml").write_text("rest:\n")
    (folder / "endpoints.yml").write_text(
        # The tracker store of the lock's SQLAlchemy needs its address built the present way.
        f"action_endpoint:\n  url: http://127.0.0.1:{ACTION_PORT}/webhook\n"
        "tracker_store:\n  type: tests.bench.stock_tracker.StockTrackerStore\n  dialect: sqlite\n  db: stock.db\n"
    )
    examples = defaultdict(list)
    for text, label, _ in all_examples():
        examples[label].append(text)
    total = sum(len(texts) for texts in examples.values())
    if most:
        # Evenly over the list, so that every way of writing stays in.
        examples = {intent: texts[:: max(1, len(texts) // most)][:most] for intent, texts in examples.items()}
    nlu = [
        {"intent": intent, "examples": "".join(f"- {_plain(text)}\n" for text in texts)}
        for intent, texts in examples.items()
    ]
    _dump(folder / "data" / "nlu.yml", {"version": "3.1", "nlu": nlu})
    _write_dialogue(folder, sorted({intent.split("/")[0] for intent in examples}), [i for i in examples if "/" in i])
    return sum(len(texts) for texts in examples.values()), total


def _write_dialogue(folder: Path, intents: list[str], keys: list[str]) -> None:
    rules = [{"rule": i, "steps": [{"intent": i}, {"action": RESPONSE.get(i, f"utter_{i}")}]} for i in PLAIN]
    rules += [{"rule": i, "steps": [{"intent": i}, {"action": "action_answer"}]} for i in TO_ACTION]
    _dump(folder / "data" / "rules.yml", {"version": "3.1", "rules": rules})
    story = [{"intent": "greet"}, {"action": "utter_greet"}, {"intent": "ask"}, {"action": "action_answer"}]
    _dump(folder / "data" / "stories.yml", {"version": "3.1", "stories": [{"story": "a question", "steps": story}]})
    library = load_library()
    responses = {}
    for path in sorted((ROOT / "bot/domain").glob("*.yml")):
        for name, variations in (yaml.safe_load(path.read_text(encoding="utf-8")).get("responses") or {}).items():
            responses[name] = [{"text": variations[1]["text"]}]
    for key in keys:
        base, name = key.split("/")
        article = library.articles.get(name) if base == "ask" else None
        text = library.text(article, "answer", language="fr", on=date.today()) if article else name
        responses[f"utter_{key}"] = [{"text": text}]
    domain = {"version": "3.1", "intents": intents, "actions": ["action_answer"], "responses": responses}
    _dump(folder / "domain.yml", domain)


def _plain(text: str) -> str:
    """Without the brackets that Rasa takes for entities."""
    return " ".join(text.translate(str.maketrans("", "", "[]{}")).split())


def _dump(path: Path, data: object) -> None:
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10_000), encoding="utf-8")


def _rasa(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-W", "ignore", "-m", "rasa", *arguments]
    return subprocess.run(command, cwd=folder, env=_environment(), check=False)


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
    }
