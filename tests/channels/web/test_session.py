import time

import pytest

from channels.web.session import SessionInvalid, Sessions


def test_a_session_is_recognised():
    sessions = Sessions("secret", days=1)
    first, second = sessions.new(), sessions.new()
    assert sessions.verify(first) == sessions.verify(first) != sessions.verify(second)


@pytest.mark.parametrize(
    "value",
    [None, "", "forged", "a.b.c", Sessions("another", 1).new()],
    ids=["nothing", "empty", "forged", "dots", "another secret"],
)
def test_what_we_did_not_sign_is_refused(value):
    with pytest.raises(SessionInvalid):
        Sessions("secret", days=1).verify(value)


def test_an_old_session_is_refused(monkeypatch):
    value = Sessions("secret", days=1).new()
    future = time.time() + 2 * 86400
    monkeypatch.setattr(time, "time", lambda: future)
    with pytest.raises(SessionInvalid):
        Sessions("secret", days=1).verify(value)
