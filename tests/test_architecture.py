"""The house rules, as programs. The import rules themselves are in pyproject.toml and checked by import-linter."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [
    path for folder in ("bot", "nlu", "actions", "knowledge", "channels") for path in (ROOT / folder).rglob("*.py")
]
CODE = [path for path in SOURCES if "migrations/versions" not in str(path)]

#: Longer than a screenful of screens; what outgrows this is two things.
MOST_LINES = 320

#: Arabic in code is letters to work on, never a sentence to read.
ARABIC_ALLOWED = {"nlu/text.py", "nlu/entities.py"}


def relative(path):
    return str(path.relative_to(ROOT))


def test_the_floors_keep_their_import_rules():
    result = subprocess.run([ROOT / ".venv/bin/lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


_IMPORT_EACH_ALONE = """
import importlib, sys
for name in sys.argv[1:]:
    for known in [known for known in sys.modules if known.split(".")[0] == "bot"]:
        del sys.modules[known]
    importlib.import_module(name)
"""
#: Those that run Rasa, or patch it once a process.
_WITH_RASA = {"assistant", "generator", "graph_runner", "model", "tracker_store", "training", "without_tensorflow"}


def test_each_module_of_the_ground_can_be_imported_first():
    """None relies on another having been imported before: tables are found by name."""
    own = [path for path in CODE if path.is_relative_to(ROOT / "bot") and path.stem not in {*_WITH_RASA, "env"}]
    names = [relative(path.with_suffix("")).replace("/", ".").removesuffix(".__init__") for path in own]
    command = [ROOT / ".venv/bin/python", "-W", "ignore", "-c", _IMPORT_EACH_ALONE, *names]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_no_file_outgrows_its_reader(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_no_module_is_a_drawer(path):
    assert path.stem not in {"utils", "helpers", "common", "manager", "misc"}


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_code_does_not_talk_to_people(path):
    """No literal goes to ``utter_message(text=…)`` and no Arabic sentence stands in Python."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "utter_message":
            texts = [keyword.value for keyword in node.keywords if keyword.arg == "text"]
            assert not any(isinstance(text, ast.Constant | ast.JoinedStr) for text in texts), node.lineno
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, _DOCUMENTED)}
    if relative(path) not in ARABIC_ALLOWED:
        arabic = [
            node.lineno
            for node in strings
            if re.search(r"[\u0620-\u064a]{2,} ", node.value) and node.value not in docstrings
        ]
        assert arabic == []


_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_queries_and_commits_have_their_places(path):
    text = path.read_text(encoding="utf-8")
    if not relative(path).startswith("bot/store"):
        assert ".commit()" not in text
    if relative(path).startswith(("channels/desk", "channels/web", "actions")):
        assert not re.search(r"\b(select|insert|update|delete)\(", text)


def test_only_a_channel_knows_its_provider():
    for path in CODE:
        imported = {
            (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else alias.name.split(".")[0]
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        if "telegram" in imported:
            assert relative(path).startswith("channels/telegram/")
        if "twilio" in imported:
            assert relative(path).startswith("channels/whatsapp/")


def test_the_project_speaks_of_itself_alone():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    if not tracked:
        pytest.skip("not a checkout")
    forbidden = re.compile(r"/work/|\.\./shared|pypi\.org|registry\.npmjs|files\.pythonhosted")
    this = "tests/test_architecture.py"
    texts = [
        name for name in tracked if (ROOT / name).suffix in {".py", ".md", ".yml", ".toml", ".lock", ".html", ".js", ""}
    ]
    found = [
        name
        for name in texts
        if name != this
        and (ROOT / name).is_file()
        and forbidden.search((ROOT / name).read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []
    assert "uv.lock" not in tracked
