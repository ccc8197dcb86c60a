"""The durable workflow that joins both seams: answer, keep files, hand over.

DBOS keeps the workflow: a process that dies in the middle takes it up again when it comes back. What is handed over, and
what has become of it, is the postman's (channels/postman.py).
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import timedelta

from dbos import DBOS, DBOSConfig, SetWorkflowID
from prometheus_client import Counter
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot import files, inbound
from bot.aliases import find_person_at, see
from bot.deliveries import PULLED_CHANNELS, Receipt
from bot.files import FileCabinet
from bot.messages import InboundMessage
from bot.settings import Settings
from bot.store.database import open_workflow_engine
from channels.cabinet import FileKeeper
from channels.channel import BELL, GroupSpoke, Parsed, ReachChanged, RefusesGroups, ShowsTyping
from channels.postman import Postman
from channels.receive import Receiver
from channels.tasks import in_background

log = logging.getLogger(__name__)

IGNORED = Counter("dalil_ignored", "What channels understood and left alone", ["channel", "reason"])

#: Kept the same over releases, so that work begun by the last release is finished by the next.
_WORKFLOW_VERSION = "1"

_DELIVERY_TRIES = 5

#: Seconds after which a person is told that the answer is being written.
_TYPING_AFTER = 1.0

#: Workflows under way at the same time: each writes several times of itself, and all together would wait for one file.
#: Those of people to whom a provider lets us write but once a second wait longer.
_WORKFLOWS_AT_ONCE = 64

#: How long a message may wait before it is looked after again.
_WATCH_EVERY = timedelta(seconds=60)


class Mailroom:
    """Accepts messages for the program and sees them through. ``start`` before the first, ``stop`` after the last."""

    def __init__(self, settings: Settings, receiver: Receiver) -> None:
        self._settings = settings
        self.receiver = receiver
        database, book, gate, now = receiver.database, receiver.book, receiver.gate, receiver.now
        self.cabinet = FileCabinet(settings.data_path, book)
        self.keeper = FileKeeper(database, book, gate, self.cabinet, receiver.channels, now)
        self._watching: asyncio.Task[None] | None = None
        self._workflows, self._queued = asyncio.Semaphore(_WORKFLOWS_AT_ONCE), set[str]()
        self._is_stopping = False
        self._workflow_engine: Engine | None = None
        self.postman = Postman(database, book, gate, receiver.channels, now, sole_process=not settings.is_postgresql)

    async def start(self) -> None:
        """Launch DBOS (which takes up what was left) and answer whatever is still waiting."""
        global _mailroom  # noqa: PLW0603 - DBOS registers workflows by name, so they find their mailroom here
        _mailroom = self
        self.postman.start()
        self._workflow_engine = open_workflow_engine(self._settings.resolved_workflow_url)
        config = DBOSConfig(
            name="dalil",
            system_database_url=self._settings.resolved_workflow_url,
            system_database_engine=self._workflow_engine,
            application_version=_WORKFLOW_VERSION,
            log_level="WARNING",
            use_listen_notify=False,
        )
        DBOS(config=config)
        DBOS.launch()
        with self.receiver.database.read() as session:
            waiting = [*inbound.list_people_waiting(session), *files.list_people_asked(session)]
        # Not waited for: the program listens at once, and what was left is answered beside what comes in.
        self._take_up(waiting)
        self._watching = in_background(self._watch())

    async def _watch(self) -> None:
        """Answer what has waited too long: accepted by a process that died before it began to answer."""
        while True:
            await asyncio.sleep(_WATCH_EVERY.total_seconds())
            try:
                with self.receiver.database.read() as session:
                    overdue = inbound.list_people_waiting(session, since=self.receiver.now() - _WATCH_EVERY)
            except SQLAlchemyError:
                log.exception("watch_failed")  # tried again at the next round
            else:
                self._take_up([person for person in overdue if not self.receiver.is_busy(person)])

    def _take_up(self, people: Iterable[str]) -> None:
        for person_id in dict.fromkeys(people):
            in_background(self._answer(person_id))

    async def stop(self) -> None:
        """Let sends and running workflows finish (workflows are taken up again if they do not), then end DBOS."""
        self._is_stopping = True
        if self._watching is not None:
            self._watching.cancel()
        await self.postman.stop()
        DBOS.destroy(workflow_completion_timeout_sec=5)
        if self._workflow_engine is not None:
            self._workflow_engine.dispose()

    async def accept(self, message: InboundMessage) -> str:
        """Store a message and start its workflow; returns the person. Once this returns, nothing can lose it."""
        person_id, is_new = self.receiver.store(message)
        if is_new:
            # Not waited for: the message is stored, and ``_watch`` finds it if the program dies before this begins.
            in_background(self._answer(person_id, key=f"{message.channel}:{message.provider_id}"))
            channel = self.receiver.channels.get(message.channel)
            if isinstance(channel, ShowsTyping):
                in_background(self._show_typing(channel, message.address, person_id))
        return person_id

    async def _show_typing(self, channel: ShowsTyping, address: str, person_id: str) -> None:
        """Most answers are there before a sign that they are being written could be."""
        await asyncio.sleep(_TYPING_AFTER)
        if person_id in self._queued or self.receiver.is_busy(person_id):
            await channel.show_typing(address)

    async def _answer(self, person_id: str, *, key: str = "") -> None:
        """Run a person's workflow when it is their turn. Who is queued already is then answered all that has come in."""
        if person_id in self._queued:
            return
        self._queued.add(person_id)
        async with self._workflows:
            self._queued.discard(person_id)
            if self._is_stopping:
                return
            try:
                with SetWorkflowID(key) if key else nullcontext():
                    workflow = await DBOS.start_workflow_async(answer_person, person_id)
                await workflow.get_result()
            except Exception:
                # The message is still unanswered: ``_watch`` comes back to it.
                log.exception("workflow_failed")

    async def take(self, channel: str, parsed: Sequence[Parsed]) -> None:
        """Take what a channel has parsed: the one seam in, for messages and for what is only to be noted."""
        for item in parsed:
            if isinstance(item, InboundMessage):
                await self.accept(item)
            elif isinstance(item, Receipt):
                self.postman.take_receipt(item)
            elif isinstance(item, ReachChanged):
                self._change_reach(channel, item)
            elif isinstance(item, GroupSpoke):
                self._refuse_group(channel, item)
            else:
                IGNORED.labels(channel, item.reason).inc()

    async def deliver(self, person_id: str) -> None:
        """Hand over what somebody else than the bot has written (an agent at the desk)."""
        await DBOS.start_workflow_async(deliver_to_person, person_id)

    def _change_reach(self, channel: str, change: ReachChanged) -> None:
        with self.receiver.database.write() as session:
            person_id = find_person_at(session, self.receiver.book, channel=channel, address=change.address)
            if person_id is not None:
                self.postman.change_reach(session, person_id, channel, is_reachable=change.is_reachable)

    def _refuse_group(self, name: str, group: GroupSpoke) -> None:
        channel = self.receiver.channels.get(name)
        mark = self.receiver.book.fingerprint(f"{name}-group", group.address)
        with self.receiver.database.write() as session:
            is_first = see(session, mark, self.receiver.now())
        if is_first and isinstance(channel, RefusesGroups):
            in_background(channel.refuse_group(group.address))


_mailroom: Mailroom | None = None


@DBOS.workflow()
async def answer_person(person_id: str) -> None:
    """Answer what a person is waiting for, keep what they sent for their case, and hand over."""
    person_id = await answer_step(person_id) or person_id
    await deliver_step(person_id)
    if _present().keeper.has_work(person_id):
        await _keep_files(person_id)
        await deliver_step(person_id)


@DBOS.workflow()
async def deliver_to_person(person_id: str) -> None:
    """Hand over what stands in the database for a person."""
    await deliver_step(person_id)


async def _keep_files(person_id: str) -> None:
    try:
        await keep_files_step(person_id)
    except Exception:  # noqa: BLE001 - whatever kept us from the file, its sender is told
        log.warning("files_given_up")
        await give_up_files_step(person_id)


@DBOS.step()
async def answer_step(person_id: str) -> str:
    """The turns; each is a transaction of its own, so a repeated step does nothing twice. Returns who the person is now."""
    return await _present().receiver.answer_waiting(person_id)


@DBOS.step(retries_allowed=True, max_attempts=_DELIVERY_TRIES, interval_seconds=1.0, backoff_rate=2.0)
async def deliver_step(person_id: str) -> None:
    """Tell channels that people look into themselves, and send on the others; what has to wait is the postman's to mind."""
    mailroom = _present()
    for name in PULLED_CHANNELS & set(mailroom.receiver.channels):
        await mailroom.receiver.channels[name].send(person_id, BELL)
    await mailroom.postman.deliver(person_id)


@DBOS.step(retries_allowed=True, max_attempts=_DELIVERY_TRIES, interval_seconds=2.0, backoff_rate=2.0)
async def keep_files_step(person_id: str) -> None:
    """Fetch the files of a case; tried again with growing pauses."""
    await _present().keeper.keep_asked(person_id)


@DBOS.step()
async def give_up_files_step(person_id: str) -> None:
    """Say that files could not be fetched."""
    _present().keeper.give_up(person_id)


def _present() -> Mailroom:
    if _mailroom is None:
        raise RuntimeError("the mailroom has not been started")
    return _mailroom
