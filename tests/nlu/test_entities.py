import pytest

from knowledge.importer import gazetteers
from knowledge.library import load_library
from nlu.entities import Gazetteer, says_only_a_place, says_who_and_where

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


@pytest.mark.parametrize(
    ("text", "place", "elsewhere"),
    [
        ("I am not living in Rabat, I'm down in Ouarzazat", "ouarzazate", ["rabat"]),
        ("arrived last week in Ouejda but Rabat is far", "oujda", ["rabat"]),
        ("we left our flat in Fes for one in Meknes", "meknes", ["fez"]),
        ("i shift from kenitra to temarra", "temara", ["kenitra"]),
        ("je suis à Fès, le bureau de Rabat est trop loin", "fez", ["rabat"]),
        ("j'étais à Nador, maintenant je suis à Berkane", "berkane", ["nador"]),
        ("konna f casa o daba rhelna l bouznika", "bouznika", ["casablanca"]),
        ("ana f nador machi f oujda", "nador", ["oujda"]),
        ("كنت ساكن في سلا والحين نقلت إلى تمارة", "temara", ["sale"]),
        ("طبيب العيون في المستشفى بالراشيدية", "errachidia", ["laayoune"]),
        ("جيت من طنجة ودابا أنا ف بركان", "berkane", ["tangier"]),
        ("Zayo, near nador side", "zaio", ["nador"]),
        ("rani f berkane hda oujda", "berkane", ["oujda"]),
    ],
)
def test_of_several_places_the_writers_own_is_told_from_the_others(gazetteer, text, place, elsewhere):
    found = [entity for entity in gazetteer.find(text) if entity.entity == "place"]
    assert [entity.value for entity in found if not entity.role] == [place]
    assert [entity.value for entity in found if entity.role == "elsewhere"] == elsewhere


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("ndi charika f had soualm", "had-soualem"),
        ("f chantier f sidi rehal", "sidi-rahal"),
        ("khdam f 3in 7erouda", "ain-harrouda"),
        ("حنا ف عين بنمطهر", "ain-bni-mathar"),
    ],
)
def test_names_of_several_words_are_found_with_errors(gazetteer, text, place):
    assert values(gazetteer, text) == [place]


@pytest.mark.parametrize("text", ["c'est sale ici", "safi chokran", "it is for sale", "what is the law"])
def test_everyday_words_are_no_places(gazetteer, text):
    assert values(gazetteer, text) == []


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("je suis sénégalaise", "nationality", "sn"),
        ("أنا سوري", "nationality", "sy"),
        ("je suis israélienne", "nationality", "il"),
        ("i am from thailand", "nationality", "th"),
        ("أنا من الأردن", "nationality", "jo"),
        ("ana ordoni", "nationality", "jo"),
        ("nous sommes ivoiriennes", "nationality", "ci"),
        ("je viens du cap-vert", "nationality", "cv"),
        ("i am from ecuador", "nationality", "ec"),
        ("je suis bissau-guinéen", "nationality", "gw"),
        ("ana kamirouni", "nationality", "cm"),
        ("je suis italienne", "nationality", "it"),
        ("i am a refugee", "status", "refugee"),
        ("ma3ndich lwra9", "status", "undocumented"),
        ("بالفرنسية عافاك", "language", "fr"),
    ],
)
def test_nationality_status_and_language(gazetteer, text, entity, value):
    assert value in values(gazetteer, text, entity)


@pytest.mark.parametrize(
    "text",
    [
        "je rentre d'Italie",
        "رجعت من السعودية",
        "my husband is moroccan",
        "صديقتي اسمها هند",
        "بغيت كوبي ديال الباسبور",
        "ghani",
    ],
)
def test_a_country_of_emigration_or_an_everyday_word_is_no_nationality(gazetteer, text):
    assert values(gazetteer, text, "nationality") == []


def test_every_nationality_on_which_an_answer_depends_is_known():
    asked = {
        code
        for article in load_library().articles.values()
        for condition in article.conditions
        for code in condition.when.get("nationality", ())
    }
    assert asked <= set(gazetteers()["nationality"].values())


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


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("I'm in Nador, I'm a refugee", True),
        ("je suis réfugiée et je suis à Nador", True),
        ("أنا في الناظور، أنا لاجئ", True),
        ("ana f nador w ana laji2", True),
        ("Nador", False),
        ("I am a refugee", False),
        ("refugee card in Nador", False),
        ("can I work in Nador, I'm a refugee", False),
    ],
)
def test_a_message_that_says_who_and_where_and_asks_nothing(gazetteer, text, only):
    assert says_who_and_where(text, gazetteer.find(text)) is only
