"""Calibration on the messages for tuning (tests/nlu/messages/tuning), which are examples too.

What nobody here wrote teaches best, so these messages are trained on. For calibration each half of them is scored by a model
that has seen the other half only: as strange to it as what people will write.
"""

import hashlib
from collections.abc import Sequence

import numpy as np

from nlu.calibration import Calibration, Seen, fit_calibration
from nlu.concepts import read_lexicon
from nlu.evaluate import Expected
from nlu.features import MessageFeatures
from nlu.labels import LabelSet
from nlu.ranking import Ranker
from nlu.terms import Array
from nlu.text import normalise, words

_HALVES = 2
#: What calibration aims at: of article questions so many get a wrong answer, of all messages without danger so many are taken
#: for it (of article questions half as many). Lower than what we promise, for new messages vary.
WRONG_AT_MOST = 0.02
FALSE_DANGER_AT_MOST = 0.03
#: How many new questions after an answer are about something near to it.
_ABOUT_THE_SAME = 0.25


def calibrate_by_halves(examples: Sequence[tuple[str, str, str]], messages: Sequence[Expected]) -> Calibration:
    """The calibration of a ranker trained on ``examples`` (text, label, writing); trains one for each half of ``messages``."""
    labels = LabelSet(tuple(sorted({label for _, label, _ in examples})))
    halves = np.array([_half(message.text) for message in messages])
    scores = np.zeros((len(messages), len(labels.names)), dtype=np.float32)
    for half in range(_HALVES):
        rows = np.flatnonzero(halves == half)
        scores[rows] = scores_unseen(examples, [messages[row].text for row in rows], labels)
    return calibrate(labels, scores, messages)


def _half(text: str) -> int:
    """Which half a message belongs to: by its words, so that two who wrote the same stand together."""
    return hashlib.sha256(normalise(text).encode()).digest()[0] % _HALVES


def scores_unseen(examples: Sequence[tuple[str, str, str]], texts: Sequence[str], labels: LabelSet) -> Array:
    """The scores of texts by a ranker trained on the other examples."""
    unseen = {normalise(text) for text in texts}
    chosen = [(text, label) for text, label, _ in examples if normalise(text) not in unseen]
    ranker = Ranker(MessageFeatures(read_lexicon()))
    ranker.fit([words(normalise(text)) for text, _ in chosen], [label for _, label in chosen])
    if ranker.labels != labels.names:
        raise ValueError("a label has no example but in one half of the messages for tuning")
    return ranker.scores_of(texts)


def calibrate(labels: LabelSet, scores: Array, messages: Sequence[Expected]) -> Calibration:
    """The calibration for the scores (messages x labels) that messages got which had not been trained on."""
    at = {name: column for column, name in enumerate(labels.names)}
    # An article question may come first or after another; a follow-up only after. In a conversation that has begun, a
    # follow-up is taken to be twice as likely as another question.
    rows = [
        (index, in_context)
        for index, message in enumerate(messages)
        for in_context in ((False, True) if message.kind == "ask" else (message.kind == "follow_up",))
        if any(label in at for label in message.labels)
    ]
    right = np.zeros((len(rows), len(at)))
    for row, (index, _) in enumerate(rows):
        right[row, [at[label] for label in messages[index].labels if label in at]] = 1.0
    follow_ups = sum(message.kind == "follow_up" for message in messages)
    second_question = follow_ups / max(sum(message.kind == "ask" for message in messages), 1) / 2
    seen = Seen(
        scores=scores[[index for index, _ in rows]],
        right=right,
        writings=[messages[index].writing for index, _ in rows],
        in_context=[in_context for _, in_context in rows],
        weights=np.array(
            [second_question if in_context and messages[index].kind == "ask" else 1.0 for index, in_context in rows]
        ),
        lengths=[len(messages[index].text.split()) for index, _ in rows],
        answered=_answered(messages, [index for index, _ in rows], scores, labels),
    )
    return fit_calibration(seen, labels, wrong_at_most=WRONG_AT_MOST, false_danger_at_most=FALSE_DANGER_AT_MOST)


def _answered(
    messages: Sequence[Expected], rows: Sequence[int], scores: Array, labels: LabelSet, *, seed: int = 11
) -> list[str | None]:
    """What was answered before each of some messages. What is no follow-up may come after any answer.

    It is mostly about something else, and one time in four about the article that is nearest to it but for the best.
    """
    generator, articles = np.random.default_rng(seed), labels.columns["ask"]
    answered: list[str | None] = []
    for row in rows:
        if messages[row].kind == "follow_up":
            answered.append(f"ask/{messages[row].answered}")
            continue
        nearest = articles[np.argsort(-scores[row, articles])[1]]
        other = generator.choice(articles)
        answered.append(labels.names[nearest if generator.random() < _ABOUT_THE_SAME else other])
    return answered
