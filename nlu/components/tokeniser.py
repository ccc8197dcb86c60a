"""spaCy's rule tokenisers for Arabic and for Latin letters, chosen by script; no trained pipeline is needed."""

from __future__ import annotations

from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.text import normalise, script_of


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class SpacyRuleTokeniser(Tokenizer):
    """Tokens of the person's own text; each carries its normal form as lemma."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        # Latin letters are French, English and Darija mixed. The rules of French take eight seconds to load, and no more is
        # asked of a token than where it stands.
        self._tokenisers = {"Arab": spacy.blank("ar").tokenizer, "Latn": spacy.blank("xx").tokenizer}

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa's own tokeniser settings, all at their defaults."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SpacyRuleTokeniser:
        """Build the component; nothing is loaded from disk."""
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave examples as they are: what learns from them reads the texts."""
        return training_data

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The tokens of one attribute of a message, with their places in the text."""
        text = message.get(attribute)
        document = self._tokenisers[script_of(text)](text)
        return [Token(token.text, token.idx, lemma=normalise(token.text)) for token in document if not token.is_space]
