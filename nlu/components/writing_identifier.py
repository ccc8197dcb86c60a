"""Rasa component: language and script of a message, as the output property ``writing``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.languages import Writing
from nlu.components import store
from nlu.components.examples import words_of, writing_of
from nlu.writing import WritingClassifier


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class WritingIdentifier(GraphComponent):
    """Learns the ways of writing from the folders the examples stand in."""

    def __init__(self, model_storage: ModelStorage, resource: Resource, classifier: WritingClassifier | None) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._classifier = classifier

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> WritingIdentifier:
        """A component that has not learned yet."""
        return cls(model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> WritingIdentifier:
        """The component of a trained model."""
        return cls(model_storage, resource, store.load(model_storage, resource))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every example whose way of writing is known."""
        examples = [
            (words_of(example), writing)
            for example in training_data.nlu_examples
            if example.get(TEXT) and (writing := writing_of(example))
        ]
        classifier = WritingClassifier()
        classifier.fit([tokens for tokens, _ in examples], [writing for _, writing in examples])
        store.save(self._model_storage, self._resource, classifier)
        self._classifier = classifier
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add ``writing`` (language, script, confidence) to each message."""
        for message in messages:
            if self._classifier is not None and message.get(TEXT):
                found = self._classifier.detect(message.get(TEXT), previous=_previous(message))
                message.set("writing", asdict(found), add_to_output=True)
        return messages


def _previous(message: Message) -> str:
    """How the same person wrote before, as the caller put it into the metadata."""
    before = (message.get("metadata") or {}).get("previous_writing")
    return Writing(before["language"], before["script"]).id if before else ""
