"""Each item that Dalil was asked to cover lives where knowledge/inventory.yml says, and is named there."""

import dataclasses

import pytest

from knowledge.inventory import missing, read_inventory
from knowledge.library import load_library

LIBRARY = load_library()
ITEMS = read_inventory()

#: Rows of the inventory of systems, bodies, programmes, groups, places and recommendations.
ROWS = 143


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
def test_the_item_is_where_the_inventory_says(item):
    assert list(missing(item, LIBRARY)) == []


def test_no_row_is_left_out():
    assert {item.id for item in ITEMS} >= {f"INV-{number:03}" for number in range(1, ROWS + 1)}


def test_an_item_that_has_gone_is_noticed():
    item = next(item for item in ITEMS if item.id == "INV-065")
    assert list(missing(dataclasses.replace(item, where=("article/no-such-article",)), LIBRARY))
    assert list(missing(dataclasses.replace(item, says="a word that nobody wrote"), LIBRARY))
    assert list(missing(dataclasses.replace(item, where=()), LIBRARY))
