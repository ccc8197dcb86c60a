"""Rasa component: entities from the lookup tables of the training data, with typing errors."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components import store
from nlu.components.examples import words_of
from nlu.entities import FoundEntity, Gazetteer, says_only_a_place, says_who_and_where
from nlu.terms import count, read_corpus
from nlu.text import normalise
from nlu.whereabouts import words

#: Examples that use a word before it counts as an everyday one.
_OFTEN = 4
_MOSTLY = 0.6


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class GazetteerExtractor(GraphComponent):
    """Knows the names of the lookup tables; a name's value is its synonym in the training data."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        gazetteer: Gazetteer | None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._gazetteer = gazetteer or Gazetteer()

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``fuzzy``: entities found with errors; ``needs_marker``: names that are everyday words too."""
        return {"fuzzy": ["place"], "needs_marker": []}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GazetteerExtractor:
        """A component that has not learned yet."""
        return cls(config, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> GazetteerExtractor:
        """The component of a trained model."""
        return cls(config, model_storage, resource, store.load(model_storage, resource))

    def train(self, training_data: TrainingData) -> Resource:
        """Read the lookup tables."""
        for table in training_data.lookup_tables:
            entity = table["name"]
            for name in table["elements"]:
                value = training_data.entity_synonyms.get(name, name)
                self._gazetteer.add(entity, value, [name], is_fuzzy=entity in self._config["fuzzy"])
        self._gazetteer.needs_marker |= {normalise(name) for name in self._config["needs_marker"]}
        self._gazetteer.everyday = _everyday_words(training_data)
        store.save(self._model_storage, self._resource, self._gazetteer)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities found; ``gives_place`` for a message that is nothing but a place, ``gives_self`` with who."""
        for message in messages:
            text = message.get(TEXT)
            if not text:
                continue
            found = self._gazetteer.find(text)
            if found:
                entities = message.get(ENTITIES, []) + [self._as_rasa(entity, message) for entity in found]
                message.set(ENTITIES, entities, add_to_output=True)
            message.set("gives_place", says_only_a_place(text, found))
            message.set("gives_self", says_who_and_where(text, found))
        return messages

    def _as_rasa(self, found: FoundEntity, message: Message) -> dict[str, Any]:
        start, end = _span(message, found)
        role = {"role": found.role} if found.role else {}
        return {
            **role,
            "entity": found.entity,
            "value": found.value,
            "start": start,
            "end": end,
            "confidence_entity": found.confidence,
            "extractor": "GazetteerExtractor",
        }


def _everyday_words(training_data: TrainingData) -> frozenset[str]:
    """Words that many examples use: what is written so often is no misspelt name, unless it mostly follows "in"."""
    corpus = read_corpus([words_of(example) for example in training_data.nlu_examples])
    firsts, seconds = corpus.pairs()
    follows_in = np.isin(corpus.words, list(words("in")))[corpus.numbers[firsts]]
    examples = corpus.counts().getnnz(axis=0)
    shape = (len(corpus.texts), len(corpus.words))
    after_in = count(corpus.rows[seconds[follows_in]], corpus.numbers[seconds[follows_in]], shape).getnnz(axis=0)
    everyday = (examples >= _OFTEN) & (after_in < _MOSTLY * examples)
    return frozenset(corpus.words[number] for number in np.flatnonzero(everyday))


def _span(message: Message, found: FoundEntity) -> tuple[int, int]:
    """Characters (from, to) of an entity in the person's own text, by the tokens' normal forms."""
    words: list[tuple[int, int]] = []
    for token in message.get(TOKENS_NAMES[TEXT], []):
        words += [(token.start, token.end)] * len(token.lemma.split())
    if found.last_word >= len(words):
        return 0, len(message.get(TEXT))
    return words[found.first_word][0], words[found.last_word][1]
