"""The same intents in every way of writing, enough examples of each, no example twice."""

from collections import Counter
from pathlib import Path

import pytest

from knowledge.examples import examples, examples_in
from nlu.text import normalise

DATA = Path(__file__).resolve().parents[2] / "nlu" / "data"
FILES = sorted(DATA.glob("*/*.yml"))
LEAST = 15


@pytest.fixture(scope="module")
def counts():
    counts = {}
    for path in FILES:
        for _, label, writing in examples_in(path):
            counts.setdefault(writing, Counter())[label] += 1
    return counts


def test_all_five_ways_of_writing_have_the_same_intents_with_enough_examples(counts):
    assert set(counts) == {"ar", "fr", "en", "ary-Arab", "ary-Latn"}
    intents = set(counts["en"])
    for writing, counted in counts.items():
        assert set(counted) == intents, writing
        assert {intent: count for intent, count in counted.items() if count < LEAST} == {}, writing


def test_no_example_stands_under_two_labels():
    seen = {}
    clashes = []
    for text, label, _ in examples():
        key = normalise(text)
        if key and seen.setdefault(key, label) != label:
            clashes.append((text, label, seen[key]))
    assert clashes == []


def test_no_example_stands_twice_in_a_way_of_writing():
    times = Counter((text, writing) for text, _, writing in examples())
    assert [example for example, count in times.items() if count > 1] == []
