"""Rasa component: one ranking over intents and articles, with calibrated doubt.

Output properties: ``intent`` and ``intent_ranking`` as everywhere in Rasa; ``response_selector`` in the stock shape for
``ask/<article>``, so that ``rasa test nlu`` scores the articles; ``understanding`` for our actions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.components import store
from nlu.concepts import read_lexicon
from nlu.doubt import Thresholds, Understanding, judge, thresholds_for
from nlu.features import FeatureWeights, MessageFeatures
from nlu.ranking import Ranked, Ranker

_RANKING_LENGTH = 12


@dataclass
class _State:
    ranker: Ranker
    thresholds: Thresholds


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentRanker(GraphComponent):
    """A linear model on sparse features; no TensorFlow."""

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, state: _State | None
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._state = state

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``wrong_at_most``: share of article questions that may get a wrong article as the answer."""
        return {"regularisation": 0.5, "wrong_at_most": 0.03, "concepts": True}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentRanker:
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
    ) -> IntentRanker:
        """The component of a trained model."""
        return cls(config, model_storage, resource, store.load(model_storage, resource))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every example that has an intent."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        texts = [example.get(TEXT) for example in examples]
        labels = [example.get(INTENT_RESPONSE_KEY) or example.get(INTENT) for example in examples]
        weights = FeatureWeights() if self._config["concepts"] else FeatureWeights(concepts=0.0)
        ranker = Ranker(MessageFeatures(read_lexicon(), weights), regularisation=self._config["regularisation"])
        held_out, probabilities = ranker.fit(texts, labels)
        thresholds = thresholds_for(
            probabilities,
            [labels[index] for index in held_out],
            [str(label) for label in ranker.labels],
            wrong_at_most=self._config["wrong_at_most"],
        )
        self._state = _State(ranker, thresholds)
        store.save(self._model_storage, self._resource, self._state)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Rank each message and judge the ranking."""
        for message in messages:
            if self._state is not None and message.get(TEXT):
                ranking = self._state.ranker.rank(message.get(TEXT), limit=_RANKING_LENGTH)
                understood = judge(ranking, self._state.thresholds, gives_place=bool(message.get("gives_place")))
                _write(message, ranking, understood)
        return messages


def _write(message: Message, ranking: Sequence[Ranked], understood: Understanding) -> None:
    message.set(INTENT, {"name": understood.intent, "confidence": understood.confidence}, add_to_output=True)
    message.set(
        "intent_ranking",
        [{"name": item.label, "confidence": item.confidence} for item in ranking[:5]],
        add_to_output=True,
    )
    if understood.articles:
        responses = [
            {"intent_response_key": f"ask/{article}", "confidence": confidence}
            for article, confidence in understood.articles
        ]
        message.set(
            "response_selector",
            {
                "all_retrieval_intents": ["ask"],
                "ask": {
                    "response": {**responses[0], "responses": [], "utter_action": "utter_ask"},
                    "ranking": responses,
                },
            },
            add_to_output=True,
        )
    message.set("understanding", understood.to_json(), add_to_output=True)
