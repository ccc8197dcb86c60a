"""How long a text is to a provider, and in which direction it reads."""

from hypothesis import given
from hypothesis import strategies as st

from bot.messages import OutboundMessage, pack
from channels.pace import Pace
from channels.rendering import mark_direction, shorten, twilio_length, utf16_length

RTL = "\u200f"


def test_lengths_are_the_providers_own():
    assert utf16_length("aé") == 2
    assert utf16_length("😀") == 2
    assert twilio_length("salut é") == 7
    assert twilio_length("سلام") == 8
    assert twilio_length("😀") == 4


def test_every_line_of_an_arabic_text_reads_from_the_right():
    text = "بطاقة الإقامة\n1. الوثائق\nCNSS هو الصندوق\n- https://example.org\n\nشكرا"
    lines = mark_direction(text).split("\n")
    assert [line.startswith(RTL) for line in lines] == [False, True, True, True, False, False]
    assert mark_direction("Bonjour, كيف؟ voilà un texte en français") == "Bonjour, كيف؟ voilà un texte en français"


@given(st.text(max_size=120), st.integers(5, 40))
def test_what_is_shortened_fits(text, limit):
    assert utf16_length(shorten(text, limit)) <= limit


@given(st.text(alphabet="اب ت.\n؟ab😀", max_size=900), st.integers(40, 200))
def test_whatever_is_packed_by_weight_fits_by_weight_and_loses_no_letter(text, limit):
    def count(part):
        return twilio_length(mark_direction(part))

    packed = pack([OutboundMessage(text)], limit=limit, count=count)
    assert all(count(message.text) <= limit for message in packed)
    assert [letter for message in packed for letter in message.text if letter.strip()] == [c for c in text if c.strip()]


class TestPace:
    def pace(self, **settings):
        self.now = 100.0
        return Pace(
            **{"per_second": 30, "person_interval": 1.0, "person_burst": 1, "clock": lambda: self.now, **settings}
        )

    def test_a_chat_gets_one_message_a_second(self):
        pace = self.pace()
        assert [round(pace.take("a"), 2) for _ in range(3)] == [0, 1, 2]
        assert pace.take("b") == 0
        self.now += 10
        assert pace.take("a") == 0

    def test_all_together_get_thirty_a_second_in_the_long_run(self):
        pace = self.pace()
        waits = [pace.take(str(number)) for number in range(300)]
        assert waits[0] == 0
        assert 9.0 < max(waits) < 10.1

    def test_a_few_at_once_after_a_rest_and_then_one_in_six_seconds(self):
        pace = self.pace(per_second=1000, person_interval=6.0, person_burst=5)
        waits = [round(pace.take("a")) for _ in range(7)]
        assert waits == [0, 0, 0, 0, 0, 6, 12]

    def test_a_pause_that_the_provider_asks_for_is_kept(self):
        pace = self.pace()
        pace.hold("a", 5)
        assert round(pace.take("a")) == 5
        pace.hold_all(3)
        assert round(pace.take("b")) == 3

    def test_it_does_not_grow_without_end(self):
        pace = self.pace()
        for number in range(50_100):
            pace.take(str(number))
        assert len(pace._people) == 50_000
