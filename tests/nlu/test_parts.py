"""Two questions in one message, and what is meant after a correction, in all five ways of writing."""

from dataclasses import replace

import pytest

from nlu.doubt import Understanding
from nlu.parts import correction_in, look_again, questions_in

CARD = Understanding("article", "answer", "ask", articles=(("card", 0.9),))
SCHOOL = Understanding("article", "choices", "ask", articles=(("school", 0.5), ("age", 0.15)))
COST = Understanding("follow_up", "other", "follow_up", articles=(("fees", 0.1),), confidence=0.9, facet="cost")
CORRECTION = Understanding("unclear", "other", "correct", articles=(("card", 0.1),))


def judge_by(**parts):
    return lambda text, *, may_follow=True: next(understood for word, understood in parts.items() if word in text)


@pytest.mark.parametrize(
    "text",
    [
        "how do I renew my card and can my son go to school",
        "How do I renew my card? Can my son go to school?",
        "comment renouveler ma carte et est-ce que mon fils peut aller à l'école",
        "كيف أجدد بطاقتي وهل يمكن لابني الدراسة؟",
        "كيفاش نجدد لاكارط ديالي و واش ولدي يقدر يقرا",
        "كيفاش نجدد لاكارط ديالي وشحال كتسوى",
        "kifach njedded lakart dyali w wach weldi y9der y9ra",
    ],
)
def test_two_questions_are_found(text):
    assert len(questions_in(text)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "can I work and study",
        "ma femme et mon fils peuvent venir ?",
        "بطاقة الإقامة وجواز السفر",
        "lakart w lpasseport",
        "where do I apply?",
        "And where?",
    ],
)
def test_and_between_words_makes_no_second_question(text):
    assert len(questions_in(text)) <= 1


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("no, I meant the student card", "student card"),
        ("non je voulais dire la carte d'étudiant", "etudiant"),
        ("لا، قصدي بطاقة إقامة الطالب", "الطالب"),
        ("لا كنقصد ديال الطلبة", "الطلبه"),
        ("la 9sedt dyal tolab", "tolab"),
        ("not the renewal, I meant the first card", "first card"),
        ("pas le renouvellement, je parlais de la première demande", "premiere demande"),
    ],
)
def test_what_is_meant_instead(text, meant):
    assert correction_in(text).meant.endswith(meant)
    assert correction_in(text).refuses


@pytest.mark.parametrize("text", ["no", "لا", "non merci", "no, not that", "how do I renew my card"])
def test_a_plain_no_means_nothing_instead(text):
    assert correction_in(text) is None


def test_a_correction_is_what_it_corrects_to():
    assert look_again(CORRECTION, "no, I meant my card", judge_by(card=CARD)) == CARD


def test_what_is_refused_in_the_same_breath_is_not_answered():
    text = "not the renewal, I meant school"
    assert look_again(CARD, text, judge_by(school=SCHOOL)) == SCHOOL
    assert look_again(CARD, "I meant school", judge_by(school=SCHOOL)) is CARD


def test_a_correction_that_says_nothing_clear_stays_one():
    assert look_again(CORRECTION, "no, I meant hello", judge_by(hello=replace(CARD, kind="greeting"))) is CORRECTION


def test_a_second_question_is_kept_beside_the_answer():
    understood = look_again(
        CARD, "how do I renew my card? can my son go to school?", judge_by(card=CARD, school=SCHOOL)
    )
    assert (understood.decision, understood.also) == ("answer", ("school",))


def test_a_second_question_about_the_same_thing_is_a_facet():
    understood = look_again(CARD, "how do I renew my card and how much is it", judge_by(card=CARD, much=COST))
    assert (understood.also, understood.also_facet) == ((), "cost")


def test_two_clear_questions_are_no_doubt():
    doubt = replace(SCHOOL, articles=(("school", 0.4), ("card", 0.4)))
    sure = replace(SCHOOL, decision="answer", articles=(("school", 0.9),))
    text = "how do I renew my card? can my son go to school?"
    assert look_again(doubt, text, judge_by(card=CARD, school=sure)).also == ("school",)
    assert look_again(doubt, text, judge_by(card=CARD, school=SCHOOL)) is doubt


def test_what_is_told_is_no_question():
    text = "My son is five. We live in Fez. How do I renew my card?"
    assert questions_in(text) == ["how do i renew my card"]
    assert look_again(CARD, text, judge_by(card=CARD)) is CARD


def test_beside_a_story_only_a_clear_question_is_offered():
    text = "I came in May. How do I renew my card? Can my son go to school?"
    sure = replace(SCHOOL, decision="answer")
    assert look_again(CARD, text, judge_by(card=CARD, school=SCHOOL)).also == ()
    assert look_again(CARD, text, judge_by(card=CARD, school=sure)).also == ("school",)


def test_danger_is_not_looked_at_again():
    danger = Understanding("urgent", "other", "urgent", urgent_type="violence")
    assert look_again(danger, "no, I meant my card", judge_by(card=CARD)) is danger
