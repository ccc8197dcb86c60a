"""What stands inside one message: two questions joined by "and", or what is meant after "no, I meant". No state, no Rasa."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from nlu import frames
from nlu.doubt import Understanding
from nlu.text import normalise

_FULL_STOP = re.compile(r"[?؟!.;؛\n]+")
_FEWEST_WORDS = 2
_MOST_PARTS = 3
_MOST_ALSO = 2

#: What a correction may be taken for as a whole.
_MAY_CORRECT = ("unclear", "out_of_scope", "follow_up")
#: An article that is only offered as a button needs to be no more likely than this.
_LIKELY = 0.3


def questions_in(text: str) -> list[str]:
    """The questions of a message in normal form; a single one if "and" only joins words."""
    sentences = [normalise(sentence) for sentence in _FULL_STOP.split(text)]
    parts = [part.strip() for sentence in sentences for part in _joined().split(sentence)]
    return [part for part in parts if len(part.split()) >= _FEWEST_WORDS][:_MOST_PARTS]


def meant_instead(text: str) -> str:
    """What a correction says is meant ("no, I meant the student card"), in normal form; "" for any other message."""
    found = _correction().match(normalise(text))
    return found["meant"] if found else ""


def look_again(whole: Understanding, text: str, judge_part: Callable[[str], Understanding]) -> Understanding:
    """The understanding of a message after its parts were judged too: what was corrected, what else was asked.

    Danger is never looked at again. An answer stays the answer: its parts only add to it.
    """
    if whole.kind == "urgent":
        return whole
    if whole.kind in _MAY_CORRECT and (meant := meant_instead(text)):
        part = judge_part(meant)
        return part if part.kind == "article" else whole
    questions = questions_in(text)
    if whole.kind != "article" or len(questions) < 2:  # noqa: PLR2004 - two questions
        return whole
    parts = [judge_part(question) for question in questions]
    sure = [part for part in parts if part.decision == "answer"]
    if whole.decision != "answer":
        if len({part.articles[0][0] for part in sure}) < 2:  # noqa: PLR2004 - two questions
            return whole
        whole = sure[0]
    return _with_the_rest(whole, parts)


def _with_the_rest(answer: Understanding, parts: list[Understanding]) -> Understanding:
    """An answer with the other questions of its message: other articles, or one facet more of its own."""
    article = answer.articles[0][0]
    if article not in [part.articles[0][0] for part in parts if part.kind == "article"]:
        return answer
    others = [likely for part in parts if part.kind == "article" for likely in part.articles]
    also = dict.fromkeys(name for name, likely in others if name != article and likely >= _LIKELY)
    facets = [part.facet for part in parts if part.kind == "follow_up"]
    return replace(answer, also=tuple(also)[:_MOST_ALSO], also_facet=facets[0] if facets else None)


@cache
def _joined() -> re.Pattern[str]:
    """An "and" before the beginning of a question; in Arabic it is written onto the next word."""
    openers, written_onto = frames.any_of("openers"), frames.any_of("joined_openers")
    return re.compile(
        rf"(?:^| )(?:{frames.any_of('joiners')}) (?=(?:{openers})(?: |$))| \u0648(?=(?:{written_onto})(?: |$))"
    )


@cache
def _correction() -> re.Pattern[str]:
    return re.compile(
        rf"^(?:(?:{frames.any_of('refusals')}) )*(?:{frames.any_of('corrections')})"
        rf"(?: (?:{frames.any_of('after_corrections')}))* (?P<meant>.+)$"
    )
