"""Rasa component: one ranking over intents and articles, with calibrated doubt.

Output properties: ``intent`` and ``intent_ranking`` as everywhere in Rasa; ``response_selector`` in the stock shape for
``ask/<article>``, so that ``rasa test nlu`` scores the articles; ``understanding`` for our actions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.languages import Writing
from nlu.calibration import read_calibration
from nlu.components import store
from nlu.components.examples import words_of
from nlu.concepts import read_lexicon
from nlu.doubt import Understanding, judge
from nlu.features import FeatureWeights, MessageFeatures
from nlu.labels import LabelSet
from nlu.parts import look_again
from nlu.ranking import Ranker
from nlu.terms import Array
from nlu.topics import offer_topic

_RANKING_LENGTH = 5

#: Set by the caller in a message's metadata: whether something has been asked before that a follow-up could follow.
IN_CONTEXT = "in_context"
#: And which article was answered last.
ANSWERED = "answered"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentRanker(GraphComponent):
    """A linear model on sparse features; no TensorFlow."""

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, ranker: Ranker | None
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._ranker = ranker
        self._labels = LabelSet(ranker.labels if ranker else ())
        self._calibration = read_calibration()

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``regularisation``: C of the linear models, less is stronger; ``concepts``: whether the lexicon is used.

        Without the lexicon it is measured what the lexicon brings.
        """
        return {"regularisation": 0.2, "concepts": True}

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
        labels = [example.get(INTENT_RESPONSE_KEY) or example.get(INTENT) for example in examples]
        weights = FeatureWeights() if self._config["concepts"] else FeatureWeights(concepts=0.0)
        ranker = Ranker(MessageFeatures(read_lexicon(), weights), regularisation=self._config["regularisation"])
        ranker.fit([words_of(example) for example in examples], labels)
        store.save(self._model_storage, self._resource, ranker)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Rank each message and judge the ranking."""
        for message in messages:
            if self._ranker is not None and message.get(TEXT):
                self._understand(message, self._ranker)
        return messages

    def _understand(self, message: Message, ranker: Ranker) -> None:
        """Judge the whole message, then its parts."""
        writing, metadata = _writing(message), message.get("metadata") or {}
        in_context, answered = bool(metadata.get(IN_CONTEXT)), metadata.get(ANSWERED)

        def chances(scores: Array) -> Array:
            return self._calibration.probabilities(scores, self._labels, writing=writing, in_context=in_context)

        def follows(scores: Array, text: str) -> float | None:
            if not in_context:
                return None
            label = f"ask/{answered}" if answered else None
            return self._calibration.follows(
                scores, self._labels, writing=writing, length=len(text.split()), answered=label
            )

        def judge_part(text: str, *, may_follow: bool = True) -> Understanding:
            scores = ranker.scores(text)
            goes_on = follows(scores, text) if may_follow else 0.0
            return judge(chances(scores), self._labels, self._calibration, writing=writing, follows=goes_on)

        scores = ranker.scores(message.get(TEXT))
        probabilities = chances(scores)
        whole = judge(
            probabilities,
            self._labels,
            self._calibration,
            writing=writing,
            gives_place=bool(message.get("gives_place")),
            gives_self=bool(message.get("gives_self")),
            follows=follows(scores, message.get(TEXT)),
        )
        understood = look_again(whole, message.get(TEXT), judge_part)
        understood = offer_topic(understood, message.get(TEXT), in_context=in_context)
        _write(message, self._ranking(probabilities), understood)

    def _ranking(self, probabilities: Array) -> list[dict[str, Any]]:
        best = np.argsort(-probabilities)[:_RANKING_LENGTH]
        return [{"name": self._labels.names[at], "confidence": float(probabilities[at])} for at in best]


def _writing(message: Message) -> str:
    found = message.get("writing") or {"language": "fr", "script": "Latn"}
    return Writing(found["language"], found["script"]).id


def _write(message: Message, ranking: list[dict[str, Any]], understood: Understanding) -> None:
    message.set(INTENT, {"name": understood.intent, "confidence": understood.confidence}, add_to_output=True)
    message.set("intent_ranking", ranking, add_to_output=True)
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
