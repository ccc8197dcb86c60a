"""What Dalil was asked to cover (inventory.yml), and whether each item is still where the inventory says it lives."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.data_files import read_yaml
from knowledge.library import KNOWLEDGE_ROOT, ContentInvalid, Library
from knowledge.model import Article

INVENTORY = KNOWLEDGE_ROOT / "inventory.yml"


@dataclass(frozen=True)
class Item:
    """One thing to cover. ``says`` are words that stand in the first place of ``where``, in any of its languages."""

    id: str
    what: str
    where: tuple[str, ...]
    says: str


def read_inventory(path: Path = INVENTORY) -> tuple[Item, ...]:
    """Every item of the inventory; raises ContentInvalid."""
    try:
        items: dict[str, Any] = read_yaml(path)["items"]
        return tuple(
            Item(item_id, str(data["what"]), tuple(data["where"]), str(data["says"])) for item_id, data in items.items()
        )
    except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise ContentInvalid(f"{path.name}: {type(error).__name__}: {error}") from error


def missing(item: Item, library: Library) -> Iterator[str]:
    """What the inventory says of an item and the knowledge base does not."""
    if not item.where:
        yield "lives nowhere"
    for where in item.where:
        if words_at(where, library) is None:
            yield f"{where} does not exist"
    first = words_at(item.where[0], library) if item.where else None
    if first is not None and item.says.casefold() not in first.casefold():
        yield f"{item.where[0]} does not say “{item.says}”"


def words_at(where: str, library: Library) -> str | None:
    """Every word, in all languages, of ``article/<id>``, ``glossary/<id>``, …; None if there is no such thing."""
    kind, _, name = where.partition("/")
    if kind == "article" and name in library.articles:
        return _article_words(library.articles[name])
    if kind == "glossary" and name in library.glossary:
        term = library.glossary[name]
        return "\n".join((*term.name.values(), *term.explanation.values(), term.source))
    if kind == "cell" and name in library.cells:
        cell = library.cells[name]
        return "\n".join((*cell.name.values(), cell.commune, cell.region))
    if kind == "place" and name in library.places:
        return "\n".join(library.places[name].spellings)
    if kind == "parameter" and name in library.parameters:
        return library.parameters[name].description
    return None


def _article_words(article: Article) -> str:
    texts = [
        text for kind in (article.facets, article.variants) for by_name in kind.values() for text in by_name.values()
    ]
    return "\n".join((*article.title.values(), *texts))
