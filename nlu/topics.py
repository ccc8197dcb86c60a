"""Messages that are nothing but the name of a topic: they ask nothing yet, so articles are offered instead of one answered."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import yaml

from bot.languages import WRITINGS
from nlu.doubt import Understanding
from nlu.text import normalise

_TOPICS = Path(__file__).resolve().parent / "topics.yml"

#: What such a message may be taken for as a whole; danger stays danger.
_MAY_BE_A_TOPIC = ("article", "unclear", "out_of_scope", "follow_up")
#: What is offered has been chosen, not weighed.
_SHARES = (0.4, 0.3, 0.2)


def offer_topic(whole: Understanding, text: str, *, in_context: bool) -> Understanding:
    """The understanding of a message, or the choices of its topic if it is nothing but a topic's name.

    After an answer (``in_context``) it may be a follow-up: "passport" asks whether it is needed.
    """
    offered = topics().get(normalise(text))
    if offered is None or whole.kind not in _MAY_BE_A_TOPIC or (in_context and whole.kind == "follow_up"):
        return whole
    articles = tuple(zip(offered, _SHARES, strict=True))
    return replace(
        whole, kind="article", decision="choices", intent="ask", articles=articles, confidence=_SHARES[0], also=()
    )


@cache
def topics() -> Mapping[str, tuple[str, str, str]]:
    """The articles to offer by name of a topic, in normal form, of all ways of writing."""
    found: dict[str, tuple[str, str, str]] = {}
    for topic in yaml.safe_load(_TOPICS.read_text(encoding="utf-8")):
        first, second, third = topic["offer"]
        for writing in WRITINGS:
            for name in topic.get(writing, ()):
                found.setdefault(normalise(str(name)), (first, second, third))
    return found
