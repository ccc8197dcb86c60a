"""After an answer: does a message go on about it, or ask something new? A logistic model on its scores and its length.

A follow-up has no subject: what it says of articles is little and spread over many of them, and it is mostly short. Or it
names the subject again ("and if the inspector does nothing?"): then it speaks for the article that was answered.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from nlu.labels import LabelSet
from nlu.terms import Array

#: What is looked at: of a group its sum and its best, how far the best is ahead, and how long the message is.
SIGNS = (
    *("articles", "best_article", "second_article", "ahead_of_fourth"),
    *("facets", "best_facet", "ahead_of_second"),
    *("danger", "worst_danger", "out_of_scope", "talk"),
    *("length", "length_squared", "few_words"),
    *("answered_article", "is_answered_article"),
)
BIAS = "bias"
#: Until it has been learned: the better of the best facet and the best article.
DEFAULT_WEIGHTS: Mapping[str, float] = {"best_facet": 1.0, "best_article": -1.0}

#: A follow-up taken for a question of its own is worse than the opposite, which says what it is about. Chosen on the
#: messages for tuning: two of a hundred new questions are then taken for follow-ups.
_WORTH = 8.0
_FEW = 4
#: How far behind the best an article counts at most; also what stands for an article that is not known.
_FAR = 6.0


def signs_of(logits: Array, labels: LabelSet, lengths: Sequence[int], answered: Sequence[str | None]) -> Array:
    """The signs (messages x SIGNS) of messages with these logits (messages x labels) and numbers of words.

    ``answered`` says which article was answered before each (``ask/<article>``), if it is known.
    """
    articles = np.sort(logits[:, labels.columns["ask"]])[:, ::-1]
    facets = np.sort(logits[:, labels.columns["follow_up"]])[:, ::-1]
    danger = logits[:, labels.columns["urgent"]]
    words = np.maximum(np.asarray(lengths, dtype=float), 1.0)
    fourth = min(3, articles.shape[1] - 1)
    behind = np.array([_behind(row, labels, label) for row, label in zip(logits, answered, strict=True)])
    columns = [
        *(
            _log_sum(articles),
            articles[:, 0],
            articles[:, min(1, fourth)],
            articles[:, 0] - articles[:, fourth],
        ),
        *(_log_sum(facets), facets[:, 0], facets[:, 0] - facets[:, min(1, facets.shape[1] - 1)]),
        *(_log_sum(danger), danger.max(axis=1)),
        *(_sum_of(logits, labels.columns.get("out_of_scope")), _sum_of(logits, labels.talk)),
        *(np.log(words), np.log(words) ** 2, np.minimum(words, _FEW)),
        *(-np.minimum(behind, _FAR), (behind == 0.0).astype(float)),
    ]
    return np.stack(columns, axis=1)


def chance_of(weights: Mapping[str, float], signs: Array) -> Array:
    """The probability (messages,) that messages with these signs go on about what was answered."""
    own = np.array([weights.get(name, 0.0) for name in SIGNS])
    return np.asarray(expit(signs @ own + weights.get(BIAS, 0.0)))


def fit_weights(signs: Array, follows: Array) -> dict[str, float]:
    """The weights that tell follow-ups from the rest; ``follows`` (messages,) says which they are."""
    mean, spread = signs.mean(axis=0), signs.std(axis=0) + 1e-9
    model = LogisticRegression(max_iter=5000).fit(
        (signs - mean) / spread, follows, sample_weight=np.where(follows, _WORTH, 1.0)
    )
    own = model.coef_[0] / spread
    weights = {name: float(weight) for name, weight in zip(SIGNS, own, strict=True)}
    return {**weights, BIAS: float(model.intercept_[0] - own @ mean)}


def _behind(logits: Array, labels: LabelSet, label: str | None) -> float:
    """How far an article is behind the best one."""
    if label is None or label not in labels.names:
        return _FAR
    return float(logits[labels.columns["ask"]].max() - logits[labels.names.index(label)])


def _sum_of(logits: Array, columns: Array | None) -> Array:
    """The log of the summed exponentials of some columns; very little if there is none."""
    if columns is None or not len(columns):
        return np.full(len(logits), -10.0)
    return _log_sum(logits[:, columns])


def _log_sum(logits: Array) -> Array:
    most = logits.max(axis=1)
    return np.asarray(most + np.log(np.exp(logits - most[:, np.newaxis]).sum(axis=1)))
