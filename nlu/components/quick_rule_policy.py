"""Rasa's RulePolicy, which remembers which rules match a state instead of comparing every rule with it on every turn."""

from __future__ import annotations

import json
from typing import Any

from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import REQUESTED_SLOT, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected, ActiveLoop, LoopInterrupted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT

_MOST_REMEMBERED = 20_000

#: The intent of the last message, its entities and their roles, the actions since.
Situation = tuple[str, tuple[tuple[str, str], ...], tuple[str, ...]]

#: After these since the last message the rules look further back.
_OF_FORMS = (ActiveLoop, LoopInterrupted, ActionExecutionRejected)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class QuickRulePolicy(RulePolicy):  # type: ignore[misc]
    """Decides exactly as RulePolicy does: matching depends on nothing but the rules and the states."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._decided: dict[Situation, PolicyPrediction] = {}
        self._remembered: dict[tuple[int, str], set[str]] = {}
        self._size_looked_at = -1
        self._words_in_rules = True

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """As RulePolicy. Outside a form the same intent, entities and actions are always followed by the same action."""
        situation = _situation(tracker)
        if situation is None:
            return super().predict_action_probabilities(tracker, domain, rule_only_data, **kwargs)
        known = self._decided.get(situation)
        if known is None:
            if len(self._decided) >= _MOST_REMEMBERED:
                self._decided.clear()
            known = super().predict_action_probabilities(tracker, domain, rule_only_data, **kwargs)
            self._decided[situation] = known
        return known

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> tuple[str | None, str | None, bool]:
        # Rasa looks for rules on the words of a message first. Ours are on intents; without words in any rule there is
        # nothing to find.
        if use_text_for_last_user_input and not self._has_rules_on_words():
            return None, None, False
        found: tuple[str | None, str | None, bool] = super()._find_action_from_rules(
            tracker, domain, use_text_for_last_user_input
        )
        return found

    def _has_rules_on_words(self) -> bool:
        """Looked up once for a set of rules; while training the set still grows."""
        tables = [table for table in self.lookup.values() if isinstance(table, dict)]
        size = sum(len(table) for table in tables)
        if size != self._size_looked_at:
            states = (state for table in tables for key in table for state in self._rule_key_to_state(key))
            self._words_in_rules = any(TEXT in state.get(USER, {}) for state in states)
            self._size_looked_at = size
        return self._words_in_rules

    def _get_possible_keys(self, rules: dict[str, str], states: list[State]) -> set[str]:
        key = (id(rules), json.dumps(states, sort_keys=True, default=str))
        found = self._remembered.get(key)
        if found is None:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            found = self._remembered[key] = super()._get_possible_keys(rules, states)
        return found


def _situation(tracker: DialogueStateTracker) -> Situation | None:
    """All that our rules look at outside a form: the last intent, its entities, the actions since. None inside a form."""
    message = tracker.latest_message
    if message is None or tracker.active_loop or tracker.get_slot(REQUESTED_SLOT) is not None:
        return None
    actions: list[str] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, _OF_FORMS):
            return None
        if isinstance(event, ActionExecuted):
            actions.append(str(event.action_name))
    entities = sorted((str(found.get("entity")), str(found.get("role") or "")) for found in message.entities or ())
    return str(message.intent_name), tuple(entities), tuple(actions)
