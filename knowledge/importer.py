"""Feeds `rasa train`: the articles' questions, the gazetteers as lookup tables, and the plain files of nlu/data.

A question is written once, in its article's folder. Rasa sees it as an example of the retrieval intent ``ask/<article>``.
Every example carries the way it is written (``metadata.example.writing``), from the folder or list it stands in.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from knowledge.library import KNOWLEDGE_ROOT, load_library

PROJECT_ROOT = KNOWLEDGE_ROOT.parent
GAZETTEER_ROOT = PROJECT_ROOT / "nlu" / "gazetteers"


class ArticleImporter(RasaFileImporter):
    """Rasa's own file importer, plus what stands in knowledge/ and the gazetteers. Named in config.yml."""

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Everything the understanding is trained on."""
        del language  # one model for all languages
        data = TrainingData(
            training_examples=[*self._file_examples(), *article_examples()],
            entity_synonyms={},
            lookup_tables=[],
        )
        for entity, names in gazetteers().items():
            data.lookup_tables.append({"name": entity, "elements": list(names)})
            data.entity_synonyms.update(names)
        return data

    def _file_examples(self) -> Iterator[Message]:
        for path in self._nlu_files:
            yield from file_examples(Path(path))


class Example(Message):  # type: ignore[misc]
    """A training example that Rasa may copy and compare at little cost.

    While merging data Rasa copies every example deeply and hashes its whole content, three times over: at 18,000 examples
    that is most of a training run. Ours are never changed before they are trained on.
    """

    def __deepcopy__(self, memory: dict[int, Any]) -> "Example":
        return Example(data=dict(self.data))

    def __hash__(self) -> int:
        return hash((self.data.get("text"), self.data.get("intent_response_key") or self.data.get("intent")))


def file_examples(path: Path) -> Iterator[Message]:
    """The examples of one of Rasa's NLU files. Read without Rasa's reader, which takes ten times as long."""
    writing = writing_of_file(path)
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for block in data.get("nlu") or ():
        for line in str(block.get("examples", "")).splitlines():
            text = line.strip().removeprefix("- ").strip()
            if text and "intent" in block:
                yield _example(text, block["intent"], writing)


def article_examples() -> Iterator[Message]:
    """Each question of each article as an example of ``ask/<article>``."""
    for article in load_library().articles.values():
        for writing, questions in article.questions.items():
            for question in questions:
                yield _example(question, f"ask/{article.id}", writing)


def _example(text: str, intent: str, writing: str | None) -> Message:
    message = Example(data=Message.build(text=text, intent=intent).data)
    if writing:
        message.set("metadata", {"example": {"writing": writing}})
    return message


def writing_of_file(path: Path) -> str | None:
    """The way of writing of a file in nlu/data: its folder, and ``_latn`` for Darija in Latin letters."""
    folder = path.parent.name
    if folder == "ary":
        return "ary-Latn" if path.stem.endswith("_latn") else "ary-Arab"
    return folder if folder in ("ar", "fr", "en") else None


def gazetteers() -> dict[str, dict[str, str]]:
    """Names and the value each stands for, by entity: the files of nlu/gazetteers, and the places."""
    tables: dict[str, dict[str, str]] = {
        path.stem: _names(yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted(GAZETTEER_ROOT.glob("*.yml"))
    }
    places = load_library().places.values()
    tables["place"] = {spelling: place.id for place in places for spelling in place.spellings}
    return tables


def _names(table: dict[str, list[Any]]) -> dict[str, str]:
    return {str(name): str(value) for value, names in table.items() for name in names}
