"""The seam out, and the durable workflow that joins both seams: answer, then hand over.

DBOS keeps the workflow: a process that dies in the middle takes it up again when it comes back.
"""

import logging

from dbos import DBOS, DBOSConfig, SetWorkflowID

from bot import conversations
from bot.messages import InboundMessage
from bot.settings import Settings
from channels.receive import Receiver

log = logging.getLogger(__name__)

#: Kept the same over releases, so that work begun by the last release is finished by the next.
_WORKFLOW_VERSION = "1"

_DELIVERY_TRIES = 5


class Mailroom:
    """Accepts messages for the program and sees them through. ``start`` before the first, ``stop`` after the last."""

    def __init__(self, settings: Settings, receiver: Receiver) -> None:
        self._settings = settings
        self.receiver = receiver

    async def start(self) -> None:
        """Launch DBOS (which takes up what was left) and answer whatever is still waiting."""
        global _mailroom  # noqa: PLW0603 - DBOS registers workflows by name, so they find their mailroom here
        _mailroom = self
        config = DBOSConfig(
            name="dalil",
            system_database_url=self._settings.resolved_workflow_url,
            application_version=_WORKFLOW_VERSION,
            log_level="WARNING",
            use_listen_notify=False,
        )
        DBOS(config=config)
        DBOS.launch()
        with self.receiver.database.read() as session:
            waiting = conversations.list_people_waiting(session)
        for person_id in waiting:
            await DBOS.start_workflow_async(answer_person, person_id)

    def stop(self) -> None:
        """Let running workflows finish (they are taken up again if they do not), then end DBOS."""
        DBOS.destroy(workflow_completion_timeout_sec=5)

    async def accept(self, message: InboundMessage) -> str:
        """Store a message and start its workflow; returns the person. Once this returns, nothing can lose it."""
        person_id, is_new = self.receiver.store(message)
        if is_new:
            with SetWorkflowID(f"{message.channel}:{message.provider_id}"):
                await DBOS.start_workflow_async(answer_person, person_id)
        return person_id

    async def deliver(self, person_id: str) -> None:
        """Hand over what somebody else than the bot has written (an agent at the desk)."""
        await DBOS.start_workflow_async(deliver_to_person, person_id)


_mailroom: Mailroom | None = None


@DBOS.workflow()
async def answer_person(person_id: str) -> None:
    """Answer what a person is waiting for and hand it over."""
    await answer_step(person_id)
    await deliver_step(person_id)


@DBOS.workflow()
async def deliver_to_person(person_id: str) -> None:
    """Hand over what stands in the database for a person."""
    await deliver_step(person_id)


@DBOS.step()
async def answer_step(person_id: str) -> None:
    """The turns; each is a transaction of its own, so a repeated step does nothing twice."""
    await _present().receiver.answer_waiting(person_id)


@DBOS.step(retries_allowed=True, max_attempts=_DELIVERY_TRIES, interval_seconds=1.0, backoff_rate=2.0)
async def deliver_step(person_id: str) -> None:
    """Hand the person's new messages to their channel; tried again with growing pauses."""
    receiver = _present().receiver
    with receiver.database.read() as session:
        channel = receiver.channels.get(conversations.last_channel(session, person_id))
        recent = conversations.list_recent_messages(session, person_id, limit=20)
        messages = [message for message in recent if message.parked_at is None]
    if channel is not None:
        await channel.deliver(person_id, messages)


def _present() -> Mailroom:
    if _mailroom is None:
        raise RuntimeError("the mailroom has not been started")
    return _mailroom
