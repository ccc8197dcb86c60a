"""What Twilio's error codes mean for a message. Codes that are not here: the message is refused."""

from dataclasses import dataclass

from channels.channel import Outcome
from channels.failures import Failure


@dataclass(frozen=True)
class Meaning:
    """What to do, and the word for it."""

    outcome: Outcome
    failure: Failure


_WINDOW = Meaning("window_closed", "window")
_SLOW = Meaning("slow_down", "too_fast")
_STOPPED = Meaning("stopped", "stopped")
_BLOCKED = Meaning("blocked", "blocked")
_NOT_THERE = Meaning("failed", "not_on_channel")
_SETTINGS = Meaning("retry", "settings")
_TEMPLATE = Meaning("failed", "template")
_DOWN = Meaning("retry", "provider_down")
_REFUSED = Meaning("failed", "refused")

_MEANINGS: dict[str, Meaning] = {
    # outside the 24 hours, or a form of message that may be sent only within them
    "63016": _WINDOW,
    "63049": _SLOW,  # Meta holds marketing back
    # slow down: the number, the pair of number and person (Meta's 131056), the account
    **dict.fromkeys(("63018", "131056", "130429", "20429", "429", "14107", "30001", "63017", "63038"), _SLOW),
    "21610": _STOPPED,
    **dict.fromkeys(("63033", "63026"), _BLOCKED),
    **dict.fromkeys(("21211", "21614", "63003", "63024", "63015", "63025"), _NOT_THERE),
    **dict.fromkeys(
        ("20003", "20404", "21606", "21603", "21660", "63001", "63002", "63007", "63020", "63029"), _SETTINGS
    ),
    **dict.fromkeys(("63027", "63028", "63036", "63040", "63041", "63042", "63043"), _TEMPLATE),
    **dict.fromkeys(("30002", "30008", "63008", "63009", "63010", "63012", "63022", "20500", "20503"), _DOWN),
}


def failure_of_code(code: str | int | None) -> Meaning:
    """The meaning of a code."""
    return _MEANINGS.get(str(code or ""), _REFUSED)
