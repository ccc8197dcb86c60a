import pytest
import yaml

from knowledge.library import load_library
from nlu.doubt import Understanding
from nlu.text import normalise
from nlu.topics import _TOPICS, offer_topic, topics

ANSWER = Understanding("article", "answer", "ask", articles=(("lost-residence-card", 0.6),), confidence=0.6)
TOPICS = yaml.safe_load(_TOPICS.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text", ["carte de séjour", "Carte de sejour !", "lakart sejour", "بطاقة الإقامة", "residence card"]
)
def test_who_only_names_a_topic_is_offered_its_articles(text):
    offered = offer_topic(ANSWER, text, in_context=False)
    assert (offered.kind, offered.decision) == ("article", "choices")
    assert offered.articles[0][0] == "first-residence-card"


@pytest.mark.parametrize("text", ["je perdu ma carte de séjour", "carte de séjour perdue", "residence card stolen"])
def test_who_says_more_is_answered(text):
    assert offer_topic(ANSWER, text, in_context=False) is ANSWER


@pytest.mark.parametrize("kind", ["urgent", "follow_up", "greeting"])
def test_danger_and_follow_ups_stay_what_they_are(kind):
    other = Understanding(kind, "other", kind)
    assert offer_topic(other, "passeport", in_context=True) is other


def test_nothing_is_followed_at_the_beginning():
    follow_up = Understanding("follow_up", "other", "follow_up")
    assert offer_topic(follow_up, "sbitar", in_context=False).decision == "choices"


def test_every_topic_has_three_articles_and_names_in_each_way_of_writing():
    articles = set(load_library().articles)
    for topic in TOPICS:
        assert set(topic["offer"]) <= articles
        assert len(set(topic["offer"])) == 3
        assert set(topic) == {"offer", "ar", "fr", "en", "ary-Arab", "ary-Latn"}


def test_a_name_stands_for_one_topic():
    names = [
        (normalise(str(name)), topic["offer"][0])
        for topic in TOPICS
        for key in topic
        if key != "offer"
        for name in topic[key]
    ]
    assert {name: offered[0] for name, offered in topics().items()} == dict(names)
