from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Button, OutboundMessage, pack


def test_messages_of_a_turn_become_one_with_all_buttons():
    first = OutboundMessage("Answer.", (Button("a", "/a"),))
    second = OutboundMessage("Source.", (Button("b", "/b"),), asks_place=True)
    assert pack([first, second], limit=100) == [
        OutboundMessage("Answer.\n\nSource.", (Button("a", "/a"), Button("b", "/b")), asks_place=True)
    ]


def test_a_message_that_does_not_fit_with_the_others_stays_apart():
    packed = pack([OutboundMessage("a" * 60), OutboundMessage("b" * 60)], limit=100)
    assert [message.text for message in packed] == ["a" * 60, "b" * 60]


def test_a_long_message_is_split_at_a_sentence():
    packed = pack([OutboundMessage("First sentence is here. Second one follows it.")], limit=30)
    assert [message.text for message in packed] == ["First sentence is here.", "Second one follows it."]


@given(st.lists(st.text(alphabet="ab .\n", max_size=200), max_size=6), st.integers(10, 80))
def test_nothing_is_longer_than_the_limit_and_no_letter_is_lost(texts, limit):
    packed = pack([OutboundMessage(text) for text in texts], limit=limit)
    assert all(len(message.text) <= limit for message in packed)
    letters = [letter for text in texts for letter in text if letter in "ab"]
    assert [letter for message in packed for letter in message.text if letter in "ab"] == letters
