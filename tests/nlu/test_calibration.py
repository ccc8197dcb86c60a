from dataclasses import replace

import numpy as np
import pytest

from bot.languages import WRITINGS
from nlu.calibration import Calibration, Seen, _Loss, fit_calibration, read_calibration, write_calibration
from nlu.labels import LabelSet

LABELS = LabelSet(("ask/a", "ask/b", "follow_up/cost", "greet", "out_of_scope", "urgent/sea"))


@pytest.fixture(scope="module")
def seen():
    """Scores of which the softmax at temperature 4 is the truth."""
    generator = np.random.default_rng(7)
    scores = generator.normal(0.0, 0.4, size=(4000, len(LABELS.names)))
    chances = np.exp(4 * scores) / np.exp(4 * scores).sum(axis=1, keepdims=True)
    right = np.array([generator.multinomial(1, row) for row in chances], dtype=float)
    writings = [WRITINGS[index % len(WRITINGS)] for index in range(len(scores))]
    in_context = [bool(index % 2) for index in range(len(scores))]
    return Seen(
        scores,
        right,
        writings,
        in_context,
        np.ones(len(scores)),
        lengths=[7] * len(scores),
        answered=[None] * len(scores),
    )


def test_the_temperature_of_the_truth_is_found(seen):
    found = fit_calibration(seen, LABELS, wrong_at_most=0.1, false_danger_at_most=0.2)
    assert list(found.temperature.values()) == pytest.approx([4.0] * len(WRITINGS), rel=0.25)


def test_the_thresholds_keep_wrong_answers_and_false_danger_under_their_limits(seen):
    found = fit_calibration(seen, LABELS, wrong_at_most=0.1, false_danger_at_most=0.2)
    wrong, asked, alarms = dict.fromkeys(WRITINGS, 0), dict.fromkeys(WRITINGS, 0), 0
    for scores, right, writing, in_context in zip(seen.scores, seen.right, seen.writings, seen.in_context, strict=True):
        if right[:2].any():
            asked[writing] += 1
            chances = found.probabilities(scores, LABELS, writing=writing, in_context=in_context)
            best = int(chances[:2].argmax())
            wrong[writing] += chances[best] >= found.answer[writing] and not right[best]
            alarms += chances[5] >= found.urgent
    assert all(wrong[writing] <= 0.1 * asked[writing] for writing in WRITINGS)
    assert alarms <= 0.2 * sum(asked.values())


def test_the_slope_of_the_loss_is_its_slope(seen):
    """A wrong slope would end the search early, on values that only look settled."""
    loss = _Loss(seen, LABELS)
    values = np.concatenate([np.full(len(WRITINGS), 1.2), [0.4, -0.3, 0.2, 0.5, -0.6]])
    step = 1e-2
    for at, slope in enumerate(loss(values)[1]):
        ahead, behind = (loss(values + sign * step * np.eye(len(values))[at])[0] for sign in (1, -1))
        assert slope == pytest.approx((ahead - behind) / (2 * step), abs=2e-3)


def test_something_before_makes_a_follow_up_likelier():
    calibration = Calibration(shift={**Calibration().shift, "follow_up_in_context": 2.0})
    scores = np.zeros(len(LABELS.names))
    after, alone = (
        calibration.probabilities(scores, LABELS, writing="fr", in_context=in_context) for in_context in (True, False)
    )
    assert after[2] > alone[2]
    assert after.sum() == pytest.approx(1.0)


def test_a_calibration_is_read_as_it_was_written(tmp_path, seen):
    found = fit_calibration(seen, LABELS, wrong_at_most=0.1, false_danger_at_most=0.2)
    write_calibration(found, tmp_path / "calibration.yml")
    again = read_calibration(tmp_path / "calibration.yml")
    assert again.answer == found.answer
    assert list(again.temperature.values()) == pytest.approx(list(found.temperature.values()), abs=0.001)


def test_without_a_file_the_defaults_are_cautious(tmp_path):
    assert min(read_calibration(tmp_path / "none.yml").answer.values()) >= 0.5


def test_a_short_message_with_a_strong_facet_goes_on_and_one_with_a_strong_article_does_not(seen):
    found = fit_calibration(seen, LABELS, wrong_at_most=0.1, false_danger_at_most=0.2)
    facet, article = np.array([-0.5, -0.6, 1.0, -0.5, -0.5, -0.5]), np.array([1.0, -0.6, -0.5, -0.5, -0.5, -0.5])
    chances = [found.follows(scores, LABELS, writing="fr", length=7) for scores in (facet, article)]
    assert chances[0] > 0.5 > chances[1]


def test_a_message_that_speaks_for_the_answered_article_goes_on(seen):
    """Learned from follow-ups that name their subject again; a new question names another one."""
    answered = ["ask/a" if right[2] or (right[1] and at % 2) else "ask/b" for at, right in enumerate(seen.right)]
    scores = np.where(seen.right[:, [2]] > 0, seen.scores + np.array([0.8, 0, 0, 0, 0, 0]), seen.scores)
    found = fit_calibration(
        replace(seen, scores=scores, answered=answered), LABELS, wrong_at_most=0.1, false_danger_at_most=0.2
    )
    article = np.array([0.6, -0.2, 0.3, -0.5, -0.5, -0.5])
    same, other = (found.follows(article, LABELS, writing="fr", length=7, answered=f"ask/{name}") for name in "ab")
    assert same > other
