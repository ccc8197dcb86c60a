"""Actions on small trackers: events and response names, not wording."""

import pytest

from actions.answer import ActionAnswer
from actions.answer_urgent import ARTICLE_OF_DANGER, ActionAnswerUrgent
from actions.fallback import ActionFallback
from actions.open_case import ActionOpenCase
from actions.report_problem import ActionReportProblem
from actions.resolve_language import ActionResolveLanguage
from tests.fixtures.trackers import responses, run, tracker


@pytest.mark.parametrize(
    ("writing", "slots", "text", "language"),
    [
        (("fr", "Latn", 0.99), {}, "je veux ma carte", "fr"),
        (("ary", "Arab", 0.99), {}, "بغيت لاكارط", "ar"),
        (("ary", "Latn", 0.99), {}, "bghit lakart dyali", "ar"),
        (("ary", "Latn", 0.99), {"language": "fr", "chosen_language": "fr"}, "bghit lakart dyali", "fr"),
        (("en", "Latn", 0.5), {"language": "fr"}, "ok visa", "fr"),
        (("en", "Latn", 0.99), {"language": "fr"}, "merci", "fr"),
        (("en", "Latn", 0.99), {"language": "fr"}, "where do I renew my card", "en"),
        (("fr", "Latn", 0.99), {"language": "ar", "chosen_language": "ar"}, "carte de séjour", "ar"),
        (("fr", "Latn", 0.99), {"language": "ar", "chosen_language": "ar"}, "où renouveler ma carte de séjour", "fr"),
    ],
)
def test_the_language_of_the_answer(writing, slots, text, language):
    events, _ = run(ActionResolveLanguage(), tracker(text, writing=writing, **slots))
    assert events.get("language", slots.get("language")) == language


def test_a_wish_for_a_language_is_remembered():
    events, _ = run(ActionResolveLanguage(), tracker("", "choose_language", [("language", "ary")], language="fr"))
    assert events == {"language": "ar", "chosen_language": "ar"}


def test_the_channels_hint_counts_before_the_first_words():
    events, _ = run(ActionResolveLanguage(), tracker("", "greet", metadata={"language_hint": "en"}))
    assert events == {"language": "en"}


def test_a_sure_answer_is_shown_with_source_and_facets_and_remembered():
    understood = {"decision": "answer", "articles": [["minimum-wage", 0.9]]}
    events, messages = run(ActionAnswer(), tracker("smig ?", understanding=understood, language="fr"))
    assert events["article"] == "minimum-wage"
    assert events["outcome"] == "answer"
    assert "utter_source" in responses(messages)
    assert messages[-1]["buttons"][-1]["payload"] == "/ask_person"


def test_an_answer_for_a_situation_says_so_and_can_be_refused():
    understood = {"decision": "answer", "articles": [["anapec-exemptions", 0.9]]}
    _, messages = run(
        ActionAnswer(), tracker("anapec ?", understanding=understood, language="fr", status="refugee", nationality="sy")
    )
    assert responses(messages)[0] == "utter_for_situation"
    refuse = messages[-1]["buttons"][0]["payload"]
    assert refuse.startswith('/give_situation{"condition": "anapec-exemptions:none"')
    entities = [("condition", "anapec-exemptions:none"), ("article", "anapec-exemptions")]
    _, again = run(
        ActionAnswer(),
        tracker("", "give_situation", entities, language="fr", status="refugee", condition="anapec-exemptions:none"),
    )
    assert not {"utter_for_situation", "utter_ask_situation"} & set(responses(again))


def test_doubt_offers_three_articles_and_none_of_them():
    articles = [[name, 0.2] for name in ("minimum-wage", "unpaid-wages", "overstay", "regularisation")]
    understood = {"decision": "choices", "articles": articles}
    events, messages = run(ActionAnswer(), tracker("argent", understanding=understood, language="fr"))
    assert events["outcome"] == "choices"
    assert "article" not in events
    payloads = [button["payload"] for button in messages[0]["buttons"]]
    assert len(payloads) == 4
    assert payloads[-1] == "/none_of_these"


def test_a_follow_up_is_about_the_article_on_the_table():
    understood = {"facet": "deadline", "articles": [["overstay", 0.1]]}
    events, messages = run(
        ActionAnswer(),
        tracker("jusqu'à quand", "follow_up", understanding=understood, article="minimum-wage", language="fr"),
    )
    assert events.get("article", "minimum-wage") == "minimum-wage"
    assert "2 ans" in messages[0]["text"]


def test_a_facet_that_an_article_lacks_is_said_to_be_unknown():
    understood = {"facet": "appeal", "articles": []}
    _, messages = run(
        ActionAnswer(),
        tracker("et si refus", "follow_up", understanding=understood, article="minimum-wage", language="fr"),
    )
    assert responses(messages) == ["utter_facet_missing"]


def test_a_follow_up_about_nothing_asks_what_it_is_about():
    _, messages = run(ActionAnswer(), tracker("combien", "follow_up", understanding={"facet": "cost"}, language="fr"))
    assert responses(messages) == ["utter_about_what"]


def test_arabizi_is_asked_once_for_its_reading_language():
    understood = {"decision": "answer", "articles": [["minimum-wage", 0.9]]}
    writing = ("ary", "Latn", 0.9)
    _, first = run(ActionAnswer(), tracker("smig", understanding=understood, writing=writing, language="ar"))
    _, later = run(
        ActionAnswer(),
        tracker("smig", understanding=understood, writing=writing, language="fr", chosen_language="fr"),
    )
    assert "utter_ask_reading_language" in responses(first)
    assert "utter_ask_reading_language" not in responses(later)
    _, again = run(
        ActionAnswer(),
        tracker("smig", understanding=understood, writing=writing, language="ar", was_asked_reading_language=True),
    )
    assert "utter_ask_reading_language" not in responses(again)


@pytest.mark.parametrize("danger", ARTICLE_OF_DANGER)
def test_every_danger_has_its_words_and_the_way_to_a_human(danger):
    events, messages = run(
        ActionAnswerUrgent(), tracker("help", "urgent", understanding={"urgent_type": danger}, language="en")
    )
    assert responses(messages) == [f"utter_urgent_{danger}", "utter_urgent_person"]
    assert events["urgent_type"] == danger


def test_the_second_doubt_offers_a_human():
    events, messages = run(ActionFallback(), tracker("hm", "nlu_fallback", doubts=0.0))
    assert (events["doubts"], responses(messages)) == (1.0, ["utter_unclear"])
    events, messages = run(ActionFallback(), tracker("hm", "nlu_fallback", doubts=1.0))
    assert (events["doubts"], responses(messages)) == (2.0, ["utter_unclear_again"])
    _, messages = run(ActionFallback(), tracker("", "none_of_these", doubts=0.0))
    assert responses(messages) == ["utter_unclear_again"]


def test_open_case_refuses_without_consent(database):
    events, messages = run(ActionOpenCase(), tracker("", "deny", has_consented=False, place="oujda", language="fr"))
    assert responses(messages) == ["utter_handoff_declined"]
    assert "case_reference" not in events


@pytest.mark.parametrize("problem", ["empty", "too_long", "unknown_button", "unknown_place", "never heard of"])
def test_every_problem_has_a_sentence(problem):
    _, messages = run(ActionReportProblem(), tracker("", "report_problem", [("problem", problem)]))
    assert responses(messages)[0].startswith(("utter_problem_", "utter_unknown_place"))
