"""Which condition of an article fits a person: one flat list, the first that fits wins."""

from collections.abc import Mapping

from knowledge.model import Article, Condition


def fitting_condition(article: Article, situation: Mapping[str, str]) -> Condition | None:
    """The first condition that a situation (``nationality``, ``status``) fulfils, or None."""
    for condition in article.conditions:
        if all(situation.get(key) in values for key, values in condition.when.items()):
            return condition
    return None


def is_worth_asking(article: Article, situation: Mapping[str, str]) -> bool:
    """Whether the answer depends on something the person has not said yet."""
    return any(not situation.get(key) for condition in article.conditions for key in condition.when)


def situation_of(condition: Condition) -> dict[str, str]:
    """The slots that choosing a condition's label settles. Only what is certain: one value, or a group by its id."""
    settled = {key: values[0] for key, values in condition.when.items() if len(values) == 1}
    return settled or {"condition": condition.id}
