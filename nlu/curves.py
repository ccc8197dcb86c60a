"""Learning curves: what more examples, and the concept lexicon, are worth on messages that nobody has trained on."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.languages import WRITINGS
from nlu.concepts import read_lexicon
from nlu.evaluate import Expected, Share
from nlu.features import FeatureWeights, MessageFeatures
from nlu.labels import LabelSet
from nlu.ranking import Ranker
from nlu.text import normalise, words

#: Examples of each label and way of writing.
STEPS = (5, 10, 20)

Example = tuple[str, str, str]


@dataclass(frozen=True)
class CurvePoint:
    """The share of article questions whose first article is right, by way of writing, for one way of training."""

    name: str
    examples: int
    first: Mapping[str, float] = field(default_factory=dict)


def curve_point(
    name: str,
    examples: Sequence[Example],
    messages: Sequence[Expected],
    *,
    most: int | None = None,
    concepts: bool = True,
    seed: int = 11,
) -> CurvePoint:
    """Train on at most ``most`` (text, label, writing) examples of each label and writing, and score article questions."""
    order = np.random.default_rng(seed).permutation(len(examples))
    taken: Counter[tuple[str, str]] = Counter()
    chosen = []
    for index in order:
        text, label, writing = examples[index]
        if most is None or taken[label, writing] < most:
            taken[label, writing] += 1
            chosen.append((text, label))
    weights = FeatureWeights() if concepts else FeatureWeights(concepts=0.0)
    ranker = Ranker(MessageFeatures(read_lexicon(), weights))
    ranker.fit([words(normalise(text)) for text, _ in chosen], [label for _, label in chosen])
    articles = LabelSet(ranker.labels).columns["ask"]
    asked = [message for message in messages if message.kind == "ask"]
    best = articles[ranker.scores_of([message.text for message in asked])[:, articles].argmax(axis=1)]
    hits: dict[str, Share] = {writing: Share() for writing in WRITINGS}
    for message, column in zip(asked, best, strict=True):
        hits[message.writing].total += 1
        hits[message.writing].right += ranker.labels[column] in message.labels
    return CurvePoint(name, len(chosen), {writing: share.value for writing, share in hits.items()})


def learning_curve(examples: Sequence[Example], messages: Sequence[Expected]) -> Iterator[CurvePoint]:
    """5, 10, 20 and all examples of each label and way of writing; then all without concepts."""
    for most in STEPS:
        yield curve_point(str(most), examples, messages, most=most)
    yield curve_point("all", examples, messages)
    yield curve_point("all, no concepts", examples, messages, concepts=False)
