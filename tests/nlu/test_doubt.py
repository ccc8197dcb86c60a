from dataclasses import replace

import numpy as np
import pytest

from bot.languages import WRITINGS
from nlu.calibration import SHIFTED, Calibration
from nlu.doubt import judge
from nlu.labels import LabelSet

LABELS = LabelSet(
    (
        "ask/card",
        "ask/wage",
        "follow_up/cost",
        "follow_up/where",
        "goodbye",
        "greet",
        "out_of_scope",
        "urgent/child",
        "urgent/sea",
        "urgent/violence",
    )
)
CALIBRATION = Calibration(
    dict.fromkeys(WRITINGS, 1.0),
    dict.fromkeys(SHIFTED, 0.0),
    answer=dict.fromkeys(WRITINGS, 0.5),
    choices=0.2,
    urgent=0.35,
    other=0.35,
)


def judged(writing="fr", calibration=CALIBRATION, **given):
    masses = {name.replace("__", "/"): value for name, value in given.items()}
    known = {name: masses.pop(name) for name in ("gives_place", "gives_self", "follows") if name in masses}
    rest = (1.0 - sum(masses.values())) / len(LABELS.names)
    probabilities = np.array([masses.get(name, 0.0) + rest for name in LABELS.names])
    return judge(probabilities, LABELS, calibration, writing=writing, **known)


@pytest.mark.parametrize(
    ("masses", "kind", "decision"),
    [
        ({"ask__card": 0.8, "ask__wage": 0.1}, "article", "answer"),
        ({"ask__card": 0.4, "ask__wage": 0.3, "greet": 0.2}, "article", "choices"),
        ({"urgent__violence": 0.3, "urgent__child": 0.1, "ask__card": 0.6}, "urgent", "other"),
        ({"greet": 0.9}, "greeting", "other"),
        ({"greet": 0.26, "follow_up__cost": 0.25, "ask__card": 0.1, "ask__wage": 0.1}, "unclear", "fallback"),
    ],
)
def test_doubt_has_levels_and_danger_goes_first(masses, kind, decision):
    understood = judged(**masses)
    assert (understood.kind, understood.decision) == (kind, decision)


def test_a_place_alone_is_a_place():
    assert judged(gives_place=True, ask__card=0.3, greet=0.2).kind == "place"
    assert judged(gives_place=True, ask__card=0.9).kind == "article"


def test_place_and_person_are_no_question():
    assert judged(gives_self=True, ask__card=0.9).kind == "place"
    assert judged(gives_self=True, urgent__sea=0.6).kind == "urgent"


def test_danger_beats_a_place():
    assert judged(gives_place=True, urgent__sea=0.6).urgent_type == "sea"


def test_a_goodbye_may_be_one_for_ever():
    careful = replace(CALIBRATION, urgent=0.05)
    assert judged(calibration=careful, goodbye=0.7, urgent__sea=0.15).kind == "urgent"
    assert judged(calibration=careful, greet=0.7, urgent__sea=0.15).kind == "greeting"


def test_after_an_answer_a_message_goes_on_about_it_or_asks_something_new():
    spread = {"follow_up__cost": 0.3, "ask__card": 0.35, "ask__wage": 0.3}
    assert [judged(follows=chance, **spread).kind for chance in (0.9, 0.2, None)] == ["follow_up", "article", "article"]
    assert judged(follows=0.9, **spread).facet == "cost"
    assert judged(follows=0.9, urgent__sea=0.5, follow_up__cost=0.4).kind == "urgent"


def test_what_follows_nothing_goes_on_about_something_only_if_that_is_plain():
    assert judged(follow_up__cost=0.5, greet=0.4).kind == "greeting"
    assert judged(follow_up__cost=0.93).kind == "follow_up"
    assert judged(follow_up__cost=0.6, ask__card=0.1).kind == "follow_up"  # what else should it be?


def test_what_sounds_a_little_like_talk_is_talk_unless_it_is_rather_a_question():
    assert judged(greet=0.4, urgent__sea=0.2, ask__card=0.15, ask__wage=0.15).kind == "greeting"
    assert judged(greet=0.36, out_of_scope=0.5).kind == "greeting"
    assert judged(greet=0.4, ask__card=0.25, ask__wage=0.2).kind == "article"


def test_what_asks_something_new_is_weighed_without_the_facets():
    new = judged(follows=0.1, follow_up__cost=0.4, ask__card=0.5)
    assert (new.kind, new.decision) == ("article", "answer")
    assert new.confidence > judged(ask__card=0.5, follow_up__cost=0.4).confidence
