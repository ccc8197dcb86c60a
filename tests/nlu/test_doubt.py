import numpy as np
import pytest

from nlu.doubt import Thresholds, judge, thresholds_for
from nlu.ranking import Ranked

T = Thresholds(answer=0.5, choices=0.2, urgent=0.35, other=0.35)


def ranking(**masses):
    items = [Ranked(name.replace("__", "/").replace("_", "-"), mass) for name, mass in masses.items()]
    return sorted(items, key=lambda item: -item.confidence)


@pytest.mark.parametrize(
    ("ranked", "kind", "decision"),
    [
        (ranking(ask__card=0.8, ask__wage=0.1), "article", "answer"),
        (ranking(ask__card=0.4, ask__wage=0.3, greet=0.2), "article", "choices"),
        (ranking(ask__card=0.05, ask__wage=0.04, greet=0.04), "unclear", "fallback"),
        (ranking(urgent__violence=0.3, urgent__child=0.1, ask__card=0.6), "urgent", "other"),
        (ranking(greet=0.9), "greeting", "other"),
        (ranking(follow_up__cost=0.0), "unclear", "fallback"),
    ],
)
def test_doubt_has_levels_and_danger_goes_first(ranked, kind, decision):
    understood = judge([Ranked(r.label.replace("follow-up", "follow_up"), r.confidence) for r in ranked], T)
    assert (understood.kind, understood.decision) == (kind, decision)


def test_a_place_alone_is_a_place():
    assert judge(ranking(ask__card=0.3, greet=0.2), T, gives_place=True).kind == "place"
    assert judge(ranking(ask__card=0.9), T, gives_place=True).kind == "article"


def test_danger_beats_a_place():
    assert judge(ranking(urgent__sea=0.6), T, gives_place=True).urgent_type == "sea"


def test_the_threshold_keeps_wrong_answers_under_the_limit():
    generator = np.random.default_rng(7)
    labels = ["ask/a", "ask/b", "greet"]
    probabilities = generator.dirichlet([1.0, 1.0, 0.3], size=2000)
    targets = [labels[generator.choice(3, p=row)] for row in probabilities]
    threshold = thresholds_for(probabilities, targets, labels, wrong_at_most=0.05).answer
    asked = [i for i, target in enumerate(targets) if target.startswith("ask/")]
    wrong = [
        i
        for i in asked
        if probabilities[i, :2].max() >= threshold and labels[int(probabilities[i, :2].argmax())] != targets[i]
    ]
    assert len(wrong) <= 0.05 * len(asked)
