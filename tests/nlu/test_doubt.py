import numpy as np
import pytest

from bot.languages import WRITINGS
from nlu.calibration import SHIFTED, Calibration, LabelSet
from nlu.doubt import judge

LABELS = LabelSet(
    (
        "ask/card",
        "ask/wage",
        "follow_up/cost",
        "follow_up/where",
        "greet",
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


def judged(writing="fr", **given):
    masses = {name.replace("__", "/"): value for name, value in given.items()}
    known = {name: masses.pop(name) for name in ("gives_place", "gives_self", "in_context") if name in masses}
    rest = (1.0 - sum(masses.values())) / len(LABELS.names)
    probabilities = np.array([masses.get(name, 0.0) + rest for name in LABELS.names])
    return judge(probabilities, LABELS, CALIBRATION, writing=writing, **known)


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


def test_after_an_answer_a_facet_is_meant_unless_one_article_is_much_more_probable():
    spread = {"follow_up__cost": 0.3, "ask__card": 0.35, "ask__wage": 0.3}
    assert judged(in_context=True, **spread).facet == "cost"
    assert [judged(in_context=where, **spread).kind for where in (True, False)] == ["follow_up", "article"]
    assert judged(in_context=True, follow_up__cost=0.3, ask__card=0.6).kind == "article"
