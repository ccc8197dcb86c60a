"""What a send, a receipt or a look-up means for a message, written down. The postman does, this says what it amounts to."""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, runtime_checkable

from prometheus_client import Counter
from sqlalchemy.orm import Session

from bot import conversations, deliveries
from bot.aliases import find_alias, mark_reachable, mark_reminded, mark_stopped
from bot.clock import Clock
from bot.conversations import Message
from bot.deliveries import Delivery, Receipt
from channels.channel import Channel, LooksUp, Outcome, SendFailed
from channels.gate import Gate

log = logging.getLogger(__name__)

NOT_SENT = Counter("dalil_sends_failed", "Sends that did not succeed, by what they mean", ["channel", "outcome"])

#: When a doubtful message is looked for at the provider, and when it counts as not sent.
LOOK_AFTER = (timedelta(seconds=5), timedelta(seconds=20), timedelta(seconds=60))
#: How long after a doubtful message the person is offered to see it again.
OFFER_AFTER = timedelta(seconds=20)

_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 900.0

#: Notices that are sent although nothing else may be.
ALWAYS_SENT = frozenset(("stopped", "reminder"))


@runtime_checkable
class Reminds(Protocol):
    """A channel with a form of message that may be sent also when its window has closed."""

    def can_remind(self, language: str) -> bool:
        """Whether it has one in this language."""
        ...


@dataclass
class Ledger:
    """The outcomes of one process's sends. Nothing here commits; ``chance`` is for the spread of pauses."""

    gate: Gate
    channels: dict[str, Channel]
    now: Clock
    chance: Callable[[], float] = random.random
    #: Receipts that came before the provider's answer to the send itself.
    early: dict[int, Receipt] = field(default_factory=dict)

    def note(self, session: Session, receipt: Receipt) -> None:
        """Note what a provider says of a message, in whatever order it comes."""
        row = deliveries.find_for_receipt(session, receipt)
        if row is None or row.state == "waiting":
            return
        if row.state == "sending":
            self.early[row.message_id] = receipt
        elif receipt.state == "failed" and deliveries.says_more(row, "failed"):
            NOT_SENT.labels(row.channel, receipt.failure).inc()
            failure = SendFailed(_outcome_of(receipt.failure), receipt.failure)
            row.provider_id = receipt.provider_id if failure.outcome == "failed" else None
            row.parts_sent -= 0 if failure.outcome == "failed" or row.state == "uncertain" else 1
            self.fail(session, row, failure, session.get_one(Message, row.message_id).payload)
        elif row.state == "uncertain":
            self.settle_found(session, row, receipt.provider_id)
        elif deliveries.says_more(row, receipt.state):
            row.state, row.failure = receipt.state, ""

    def fail(self, session: Session, row: Delivery, failure: SendFailed, notice: str) -> None:
        """Write what a failed send means, for this message and for those that follow."""
        now = self.now()
        row.failure = failure.failure
        if failure.outcome in ("retry", "slow_down"):
            row.state, row.next_try_at = "waiting", now + self.pause(row.attempts, failure.after)
        elif failure.outcome == "uncertain":
            row.state, row.next_try_at = "uncertain", now + self.patience(row.channel)
        elif failure.outcome == "failed" or notice in ALWAYS_SENT:
            row.state = "failed"
        else:
            row.state = "parked"
            if failure.outcome == "stopped":
                mark_stopped(session, row.person_id, row.channel, now)
            elif failure.outcome == "blocked":
                mark_reachable(session, row.person_id, row.channel, is_reachable=False)
            elif failure.outcome == "window_closed":
                self.remind(session, row)
        log.info(
            "send_failed channel=%s message=%s outcome=%s failure=%s",
            *(row.channel, row.message_id, failure.outcome, failure.failure),
        )

    def settle_found(self, session: Session, row: Delivery, provider_id: str) -> None:
        """A doubtful part has arrived after all."""
        message = session.get_one(Message, row.message_id)
        row.parts_sent += 1
        is_last = row.parts_sent >= len(self.channels[row.channel].render(message))
        row.state = "sent" if is_last else "waiting"
        row.provider_id, row.failure, row.next_try_at = provider_id, "", self.now()

    def patience(self, channel: str) -> timedelta:
        """How long a doubtful message is left alone at first."""
        return LOOK_AFTER[0] if isinstance(self.channels.get(channel), LooksUp) else OFFER_AFTER

    def pause(self, attempts: int, after: float) -> timedelta:
        """A growing pause with a spread, and never shorter than what the provider asks for."""
        grown = min(_FIRST_PAUSE * 2 ** min(attempts - 1, 12), _LONGEST_PAUSE)
        return timedelta(seconds=max(after + self.chance(), grown * (0.5 + self.chance())))

    def remind(self, session: Session, row: Delivery) -> None:
        """Tell a person once, with the template that is allowed, that something waits for them."""
        channel = self.channels.get(row.channel)
        alias = find_alias(session, row.person_id, row.channel)
        person = conversations.find_person(session, row.person_id)
        if alias is None or person is None or not isinstance(channel, Reminds):
            return
        language = self.gate.language_of(person.language)
        was_told = alias.reminded_at is not None and alias.heard_at is not None and alias.reminded_at > alias.heard_at
        if was_told or alias.stopped_at is not None or not alias.is_reachable or not channel.can_remind(language):
            return
        mark_reminded(session, row.person_id, row.channel, self.now())
        conversations.add_outbound(
            session,
            self.gate.say("reminder", language),
            person_id=row.person_id,
            channel=row.channel,
            author="bot",
            now=self.now(),
        )


def _outcome_of(failure: str) -> Outcome:
    """What a failure that a provider reports later means."""
    outcomes: dict[str, Outcome] = {
        "window": "window_closed",
        "stopped": "stopped",
        "blocked": "blocked",
        "too_fast": "slow_down",
        "provider_down": "retry",
    }
    return outcomes.get(failure, "failed")
