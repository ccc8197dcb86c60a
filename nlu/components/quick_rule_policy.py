"""Rasa's RulePolicy, which remembers which rules match a state instead of comparing every rule with it on every turn."""

from __future__ import annotations

import json
from typing import Any

from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.domain import State

_MOST_REMEMBERED = 20_000


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class QuickRulePolicy(RulePolicy):  # type: ignore[misc]
    """Decides exactly as RulePolicy does: matching depends on nothing but the rules and the states."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._remembered: dict[tuple[int, str], set[str]] = {}

    def _get_possible_keys(self, rules: dict[str, str], states: list[State]) -> set[str]:
        key = (id(rules), json.dumps(states, sort_keys=True, default=str))
        found = self._remembered.get(key)
        if found is None:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            found = self._remembered[key] = super()._get_possible_keys(rules, states)
        return found
