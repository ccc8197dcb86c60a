"""Why a message did not arrive: the closed list of words that are kept. What agents read for each stands in words.yml."""

from typing import Literal, get_args

Failure = Literal[
    "window",  # the channel takes free text only for a time after the person's last message
    "stopped",  # the person asked not to be written to
    "blocked",  # the person has blocked us
    "no_address",  # we no longer know where the person is reached
    "too_fast",  # the provider asks us to slow down
    "provider_down",  # the provider cannot be reached, or is not well
    "refused",  # the provider does not take this message
    "settings",  # our token, number or account is not accepted
    "not_on_channel",  # the number is not on this channel
    "template",  # the template is missing or not approved
    "gave_up",  # tried for a day
    "broken_off",  # the program or the line stopped while sending: it may have arrived
]

FAILURES: tuple[str, ...] = get_args(Failure)
