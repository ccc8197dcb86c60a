"""The facts on which a lawyer should be heard first (lawyer.yml)."""

from functools import cache
from pathlib import Path

import yaml

from bot.data_files import read_yaml
from knowledge.library import KNOWLEDGE_ROOT, ContentInvalid

POINTS = KNOWLEDGE_ROOT / "lawyer.yml"


@cache
def facts_for_a_lawyer(path: Path = POINTS) -> frozenset[str]:
    """Ids of those facts; an article that rests on one is marked for a lawyer. Raises ContentInvalid."""
    try:
        points = read_yaml(path)["points"]
        return frozenset(str(fact) for point in points for fact in point["facts"])
    except (KeyError, TypeError, yaml.YAMLError) as error:
        raise ContentInvalid(f"{path.name}: {type(error).__name__}: {error}") from error
