"""The program killed in the middle of webhooks over both channels. The full size is `python -m tests.bench.webhooks`."""

import pytest

from tests.bench import webhooks

pytestmark = [pytest.mark.rasa, pytest.mark.slow]


def test_nothing_is_lost_or_answered_twice_and_order_is_kept(tmp_path):
    report = webhooks.run(tmp_path, total=300, kills=2, rate=40, patience=120)
    assert (report.kills, report.duplicates > 20, report.swapped > 10) == (2, True, True)
    assert report.wrongs == []
    assert (report.lost, report.unanswered, report.answered_twice) == (0, 0, 0)
    assert (report.undelivered, report.delivered_twice, report.out_of_order) == (0, 0, 0)
    # What was being sent when the program was killed is not sent again blindly: its person is offered to see it again.
    assert report.offered >= report.doubtful
