import numpy as np

from nlu.labels import LabelSet
from nlu.tuning import scores_unseen

OWN = [(f"{word} one", "ask/card", "en") for word in ("card", "permit", "renew")] * 3
OTHER = [(f"{word} one", "ask/wage", "en") for word in ("wage", "salary", "pay")] * 3
TALK = [("hello", "greet", "en")] * 3


def test_a_message_is_scored_by_a_ranker_that_has_not_seen_it():
    """Its one word is known from itself alone: hidden, the text says as little as an empty one."""
    examples = [*OWN, *OTHER, *TALK, *[("Tizguine!", "ask/card", "en")] * 3]
    labels = LabelSet(tuple(sorted({label for _, label, _ in examples})))
    hidden, empty = scores_unseen(examples, ["tizguine", ""], labels)
    np.testing.assert_allclose(hidden, empty)
    seen, _ = scores_unseen(examples, ["something else", ""], labels)
    assert seen.shape == hidden.shape
