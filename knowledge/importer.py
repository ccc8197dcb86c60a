"""Feeds `rasa train`: the articles' questions, the gazetteers as lookup tables, and the plain files of nlu/data.

A question is written once, in its article's folder. Rasa sees it as an example of the retrieval intent ``ask/<article>``.
Every example carries the way it is written (``metadata.example.writing``), from the folder or list it stands in.
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, RESPONSE, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from knowledge.examples import article_examples, examples_in
from knowledge.library import KNOWLEDGE_ROOT, load_library

PROJECT_ROOT = KNOWLEDGE_ROOT.parent
GAZETTEER_ROOT = PROJECT_ROOT / "nlu" / "gazetteers"


class ArticleImporter(RasaFileImporter):
    """Rasa's own file importer, plus what stands in knowledge/ and the gazetteers. Named in config.yml.

    Rasa asks for the same data several times in one training. It is read once.
    """

    @cached_property
    def _domain(self) -> Domain:
        if not self._domain_path or not Path(self._domain_path).is_dir():
            return super().get_domain()
        # As Rasa does it, which reads each file three times, with a slow reader, to check it: `rasa data validate` does.
        combined: dict[str, Any] = {}
        for path in sorted(Path(self._domain_path).rglob("*.yml")):
            other = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            combined = Domain.merge_domain_dicts(other, combined)
        return Domain.from_dict(combined)

    def get_domain(self) -> Domain:
        """The domain of the files."""
        return self._domain

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Everything the understanding is trained on."""
        del language  # one model for all languages
        return self._nlu_data

    @cached_property
    def _nlu_data(self) -> TrainingData:
        data = TrainingData(
            training_examples=[_message(*example) for example in (*self._file_examples(), *article_examples())],
            entity_synonyms={},
            lookup_tables=[],
        )
        for entity, names in gazetteers().items():
            data.lookup_tables.append({"name": entity, "elements": list(names)})
            data.entity_synonyms.update(names)
        return data

    def _file_examples(self) -> Iterator[tuple[str, str, str]]:
        for path in self._nlu_files:
            yield from examples_in(Path(path))


class Example(Message):  # type: ignore[misc]
    """A training example that Rasa may copy and compare at little cost.

    While merging data Rasa copies every example deeply and hashes its whole content, again and again. Ours are not changed
    after they were read, so all copies may be one.
    """

    def __deepcopy__(self, memory: dict[int, Any]) -> "Example":
        return self

    def fingerprint(self) -> str:
        """Text and label, for Rasa's cache, which we do not use: it would hash every token of every example."""
        return f"{self.data.get(TEXT)}|{self.data.get(INTENT_RESPONSE_KEY) or self.data.get(INTENT)}"

    def __hash__(self) -> int:
        return hash((self.data.get(TEXT), self.data.get(INTENT_RESPONSE_KEY) or self.data.get(INTENT)))


def _message(text: str, intent: str, writing: str) -> Message:
    data: dict[str, Any] = {TEXT: text, INTENT: intent}
    if "/" in intent:
        # The text comes from the article. Without a name here Rasa would warn of each example, one by one.
        data |= {INTENT: intent.split("/", maxsplit=1)[0], INTENT_RESPONSE_KEY: intent, RESPONSE: f"utter_{intent}"}
    if writing:
        data["metadata"] = {"example": {"writing": writing}}
    return Example(data=data)


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
