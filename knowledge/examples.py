"""Everything the understanding is trained on, as plain (text, label, way of writing), without Rasa."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from knowledge.library import KNOWLEDGE_ROOT, load_library

EXAMPLES_ROOT = KNOWLEDGE_ROOT.parent / "nlu" / "data"

Example = tuple[str, str, str]


def examples() -> Iterator[Example]:
    """The examples of nlu/data, and each question of each article under ``ask/<article>``."""
    for path in sorted(EXAMPLES_ROOT.glob("*/*.yml")):
        yield from examples_in(path)
    yield from article_examples()


def article_examples() -> Iterator[Example]:
    """Each question of each article."""
    for article in load_library().articles.values():
        for writing, questions in article.questions.items():
            for question in questions:
                yield question, f"ask/{article.id}", writing


def examples_in(path: Path) -> Iterator[Example]:
    """The examples of one of Rasa's NLU files. Read without Rasa's reader, which takes ten times as long."""
    writing = writing_of_file(path)
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for block in data.get("nlu") or ():
        for line in str(block.get("examples", "")).splitlines():
            text = line.strip().removeprefix("- ").strip()
            if text and "intent" in block:
                yield text, block["intent"], writing


def writing_of_file(path: Path) -> str:
    """The way of writing of a file in nlu/data: its folder, and ``_latn`` for Darija in Latin letters; "" elsewhere."""
    folder = path.parent.name
    if folder == "ary":
        return "ary-Latn" if path.stem.endswith("_latn") else "ary-Arab"
    return folder if folder in ("ar", "fr", "en") else ""
