"""What stands inside one message: two questions joined by "and", or what is meant after "no, I meant". No state, no Rasa."""

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Protocol

from nlu import frames
from nlu.doubt import Understanding
from nlu.text import normalise

#: A sentence and the mark that ends it.
_SENTENCE = re.compile(r"([^?؟!.;؛\n]+)([?؟!.;؛\n]?)")
_QUESTION_MARKS = ("?", "؟")
_FEWEST_WORDS = 2
_MOST_PARTS = 3
_MOST_ALSO = 2
#: Words of what is refused before the correction: "not the renewal, I meant …".
_MOST_REFUSED = 6

#: What a correction may be taken for as a whole.
_MAY_CORRECT = ("unclear", "out_of_scope", "follow_up")
#: An article that is only offered as a button needs to be no more likely than this.
_LIKELY = 0.2

#: Facets that are asked for beside an article ("… and how much is it"), and how sure that must be.
_FACETS_BESIDE = ("cost", "documents", "where", "deadline", "how")
_SURE_OF_FACET = 0.8


def questions_in(text: str) -> list[str]:
    """The questions of a message in normal form; a single one if "and" only joins words. What is told is none."""
    found: list[str] = []
    for sentence, mark in _SENTENCE.findall(text):
        parts = [part.strip() for part in _joined().split(normalise(sentence))]
        asked = [part for part in parts if mark in _QUESTION_MARKS or _opened().match(part)]
        found += [part for part in asked if len(part.split()) >= _FEWEST_WORDS]
    return found[:_MOST_PARTS]


def tells_nothing(text: str) -> bool:
    """Whether a message only asks: each of its sentences is a question."""
    sentences = [(sentence, mark) for sentence, mark in _SENTENCE.findall(text) if normalise(sentence)]
    return all(mark in _QUESTION_MARKS or _opened().match(normalise(sentence)) for sentence, mark in sentences)


@dataclass(frozen=True)
class Correction:
    """What is meant instead, in normal form. ``refuses``: what was understood before is refused in the same breath."""

    meant: str
    refuses: bool


class PartJudge(Protocol):
    """Judges a part of a message; unless it ``may_follow``, it is no facet of what was said before."""

    def __call__(self, text: str, *, may_follow: bool = True) -> Understanding:
        """What the part is understood to be."""
        ...


def correction_in(text: str) -> Correction | None:
    """The correction that a message makes ("no, I meant the student card"), or None."""
    found = _correction().match(normalise(text))
    return Correction(found["meant"], bool(found["refused"])) if found else None


def look_again(whole: Understanding, text: str, judge_part: PartJudge) -> Understanding:
    """The understanding of a message after its parts were judged too: what was corrected, what else was asked.

    Danger is never looked at again. Of two questions the first is answered and the other added; else an answer stays.
    """
    if whole.kind == "urgent":
        return whole
    correction = correction_in(text)
    # Beside "not the renewal, I meant …" the message as a whole speaks of what is not meant.
    if correction is not None and (whole.kind in _MAY_CORRECT or (whole.kind == "article" and correction.refuses)):
        part = judge_part(correction.meant, may_follow=False)
        return part if part.kind == "article" else whole
    questions = questions_in(text)
    if whole.kind != "article" or len(questions) < 2:  # noqa: PLR2004 - two questions
        return whole
    parts = [judge_part(question) for question in questions]
    sure = [part for part in parts if part.decision == "answer"]
    only_asks = tells_nothing(text)
    are_two = only_asks and len({part.articles[0][0] for part in sure}) > 1
    if are_two and (whole.decision != "answer" or sure[0] is parts[0]):
        whole = sure[0]  # what was asked first is answered first
    elif whole.decision != "answer":
        return whole
    if whole.articles[0][0] not in [part.articles[0][0] for part in parts if part.kind == "article"]:
        return whole
    # Beside a story, a question says too little by itself to offer what it only may mean.
    asked = parts if only_asks else sure
    return _with_the_rest(whole, asked, parts)


def _with_the_rest(answer: Understanding, asked: list[Understanding], parts: list[Understanding]) -> Understanding:
    """An answer with the other questions of its message: other articles, or one facet more of its own."""
    likely = [
        article
        for part in asked
        if part.kind == "article"
        for article in (part.articles[:1] if part.decision == "answer" else part.articles)
    ]
    also = dict.fromkeys(name for name, share in likely if name != answer.articles[0][0] and share >= _LIKELY)
    facets = [
        part.facet
        for part in parts
        if part.kind == "follow_up" and part.confidence >= _SURE_OF_FACET and part.facet in _FACETS_BESIDE
    ]
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
        rf"^(?P<refused>(?:{frames.any_of('refusals')})(?: \S+){{0,{_MOST_REFUSED}}}? )?(?:{frames.any_of('corrections')})"
        rf"(?: (?:{frames.any_of('after_corrections')}))* (?P<meant>.+)$"
    )


@cache
def _opened() -> re.Pattern[str]:
    """The beginning of a question, also after an "and"."""
    return re.compile(rf"^(?:(?:{frames.any_of('joiners')}) )?\u0648?(?:{frames.any_of('openers')})(?: |$)")
