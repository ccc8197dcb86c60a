"""The understanding on messages that no trainer has seen (heldout.yml), through the whole assistant."""

from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from bot.secrets import new_id
from bot.settings import Settings
from channels.terminal import Conversations, temporary_database
from knowledge.importer import article_examples, file_examples
from nlu.text import normalise

HERE = Path(__file__).parent
FLOORS = yaml.safe_load((HERE / "floors.yml").read_text(encoding="utf-8"))
WRITINGS = ("ar", "fr", "en", "ary-Arab", "ary-Latn")


def held_out():
    """Messages with their label and way of writing: each block holds the five ways in order, equally many of each."""
    for block in yaml.safe_load((HERE / "heldout.yml").read_text(encoding="utf-8"))["nlu"]:
        lines = [line.strip().removeprefix("- ") for line in block["examples"].splitlines() if line.strip()]
        each = len(lines) // len(WRITINGS)
        for index, line in enumerate(lines):
            yield line, block["intent"], WRITINGS[index // each]


def test_no_held_out_message_is_a_training_example():
    trained = {normalise(example.get("text")) for example in article_examples()}
    for path in (HERE.parents[1] / "nlu" / "data").glob("*/*.yml"):
        trained |= {normalise(example.get("text")) for example in file_examples(path)}
    # Greetings and thanks of two words are the same for everybody.
    assert [text for text, label, _ in held_out() if "/" in label and normalise(text) in trained] == []


@pytest.fixture(scope="module")
async def understood():
    with temporary_database(Settings()) as (settings, database):
        conversations = Conversations(settings, database)
        known = conversations.receiver.library.articles
        return [
            (label, writing, (await conversations.say(new_id(), text)).turn.understanding)
            for text, label, writing in held_out()
            if not label.startswith("ask/") or label.removeprefix("ask/") in known
        ]


@pytest.mark.rasa
@pytest.mark.parametrize("writing", WRITINGS)
async def test_articles_are_found_in_each_way_of_writing(understood, writing):
    shares = defaultdict(float)
    asked = [
        (label.removeprefix("ask/"), found)
        for label, way, found in understood
        if way == writing and label.startswith("ask/")
    ]
    for article, found in asked:
        ranked = [name for name, _ in found["articles"]]
        shares["first"] += ranked[:1] == [article]
        shares["first_three"] += article in ranked[:3]
        shares["answered"] += found["decision"] == "answer"
        shares["wrong_answer"] += found["decision"] == "answer" and ranked[0] != article
    shares = {name: count / len(asked) for name, count in shares.items()}
    floors = FLOORS[writing]
    print(writing, len(asked), {name: round(share, 3) for name, share in shares.items()})
    assert shares["first"] >= floors["first"]
    assert shares["first_three"] >= floors["first_three"]
    assert shares["answered"] >= floors["answered"]
    assert shares.get("wrong_answer", 0.0) <= floors["wrong_answer"]


@pytest.mark.rasa
async def test_danger_is_noticed(understood):
    dangers = [found["kind"] == "urgent" for label, _, found in understood if label.startswith("urgent/")]
    assert sum(dangers) / len(dangers) >= FLOORS["danger_noticed"]


@pytest.mark.rasa
async def test_follow_ups_have_their_facet(understood):
    right = [found["facet"] == label.split("/")[1] for label, _, found in understood if label.startswith("follow_up/")]
    assert sum(right) / len(right) >= FLOORS["follow_up_right"]


@pytest.mark.rasa
async def test_out_of_scope_is_not_answered_with_an_article(understood):
    answered = [found["decision"] == "answer" for label, _, found in understood if label == "out_of_scope"]
    assert sum(answered) / len(answered) <= FLOORS["out_of_scope_answered"]
