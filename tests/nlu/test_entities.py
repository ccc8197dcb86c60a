import pytest

from knowledge.importer import gazetteers
from nlu.entities import Gazetteer, says_only_a_place

MARKED = ["safi", "صافي", "sale", "salé", "سلا", "sla", "sala", "mali", "niger"]


@pytest.fixture(scope="module")
def gazetteer():
    gazetteer = Gazetteer()
    for entity, names in gazetteers().items():
        for name, value in names.items():
            gazetteer.add(entity, value, [name], is_fuzzy=entity == "place")
    from nlu.text import normalise

    gazetteer.needs_marker |= {normalise(name) for name in MARKED}
    return gazetteer


def values(gazetteer, text, entity="place"):
    return [found.value for found in gazetteer.find(text) if found.entity == entity]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("je suis à Oujda", "oujda"),
        ("ana f wejda", "oujda"),
        ("أنا في الناظور", "nador"),
        ("ساكن فالناضور", "nador"),
        ("i live in Nadoor", "nador"),
        ("j'habite à Casablanka", "casablanca"),
        ("I am in Salé", "sale"),
    ],
)
def test_places_are_found_with_their_spellings_and_errors(gazetteer, text, place):
    assert values(gazetteer, text) == [place]


@pytest.mark.parametrize("text", ["c'est sale ici", "safi chokran", "it is for sale", "what is the law"])
def test_everyday_words_are_no_places(gazetteer, text):
    assert values(gazetteer, text) == []


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("je suis sénégalaise", "nationality", "sn"),
        ("أنا سوري", "nationality", "sy"),
        ("i am a refugee", "status", "refugee"),
        ("ma3ndich lwra9", "status", "undocumented"),
        ("بالفرنسية عافاك", "language", "fr"),
    ],
)
def test_nationality_status_and_language(gazetteer, text, entity, value):
    assert value in values(gazetteer, text, entity)


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("Nador", True),
        ("ana f Berkane", True),
        ("أنا في وجدة", True),
        ("je suis à Nador et je veux ma carte", False),
        ("hello", False),
    ],
)
def test_a_message_that_is_nothing_but_a_place(gazetteer, text, only):
    assert says_only_a_place(text, gazetteer.find(text)) is only
