"""The understanding on messages that no trainer has seen (messages/kept), through the whole assistant."""

from pathlib import Path

import pytest

from bot.data_files import read_yaml
from bot.languages import WRITINGS
from bot.settings import Settings
from channels.evaluation import KEPT, TUNING, listen
from knowledge.examples import examples
from knowledge.library import load_library
from nlu.evaluate import below_floors, measure, read_messages
from nlu.text import normalise

MEASURED = read_messages(KEPT)


def test_no_message_for_measuring_is_a_training_example():
    trained = {normalise(text) for text, _, _ in examples()}
    # Greetings and thanks of two words are the same for everybody.
    assert [m.text for m in MEASURED if len(m.text.split()) > 2 and normalise(m.text) in trained] == []


def test_what_is_kept_for_the_score_is_not_tuned_on():
    tuned = {normalise(message.text) for message in read_messages(TUNING)}
    assert [m.text for m in MEASURED if len(m.text.split()) > 2 and normalise(m.text) in tuned] == []


def test_every_message_for_tuning_is_a_training_example():
    trained = {normalise(text) for text, _, _ in examples()}
    assert [m.text for m in read_messages(TUNING) if normalise(m.text) not in trained] == []


def test_every_article_is_measured_in_every_way_of_writing():
    asked = {(message.name, message.writing) for message in MEASURED if message.kind == "ask"}
    assert {(article, writing) for article in load_library().articles for writing in WRITINGS} - asked == set()


@pytest.fixture(scope="module")
async def outcomes():
    return await listen(Settings(), MEASURED)


REACHED = read_yaml(Path(__file__).parent / "reached.yml")


@pytest.mark.rasa
@pytest.mark.parametrize("writing", WRITINGS)
async def test_what_was_reached_in_each_way_of_writing_holds(outcomes, writing):
    measured = measure(outcomes, lambda outcome: outcome.expected.writing)
    print(writing, {name: round(share.value, 3) for name, share in measured[writing].items()})
    assert below_floors(measured, {writing: REACHED["by_writing"]}) == []


@pytest.mark.rasa
async def test_what_was_reached_over_all_holds(outcomes):
    measured = measure(outcomes, lambda outcome: "all")
    print({name: round(share.value, 3) for name, share in measured["all"].items()})
    assert below_floors(measured, {"all": REACHED["together"]}) == []
