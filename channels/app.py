"""Wires the program: settings, database, assistant, channels, desk. Nothing is decided here."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.assistant import Assistant
from bot.clock import utc_now
from bot.model import get_model
from bot.privacy import purge
from bot.settings import PROJECT_ROOT, Settings
from bot.store.database import Database, open_database
from bot.store.migrate import is_migrated
from channels.deliver import Mailroom
from channels.desk.routes import Desk
from channels.present import PresentChannels, find_channels
from channels.receive import Receiver
from channels.telegram.channel import TelegramChannel
from channels.telegram.poll import poll
from channels.web.channel import WebChannel
from knowledge.library import Library, load_library

log = logging.getLogger(__name__)

_PURGE_EVERY_SECONDS = 6 * 3600


@dataclass(frozen=True)
class House:
    """Everything a running program holds."""

    settings: Settings
    database: Database
    library: Library
    assistant: Assistant
    receiver: Receiver
    mailroom: Mailroom
    web: WebChannel
    present: PresentChannels
    desk: Desk


def build_house(settings: Settings, *, is_polling: bool = False) -> House:
    """Open the database, load the model, make the channels; raises ModelMissing."""
    database = open_database(settings)
    library = load_library()
    assistant = Assistant.load(get_model(settings), database)
    receiver = Receiver(settings, database, assistant, library)
    web = WebChannel(settings, database, library)
    receiver.channels[web.name] = web
    present = find_channels(settings, database, is_polling=is_polling)
    receiver.channels.update(present.on)
    mailroom = Mailroom(settings, receiver)
    desk = Desk(
        settings,
        database,
        library,
        assistant,
        mailroom.deliver,
        cabinet=mailroom.cabinet,
        channels=present.on,
    )
    return House(settings, database, library, assistant, receiver, mailroom, web, present, desk)


def create_app(settings: Settings, *, is_polling: bool = False) -> FastAPI:
    """The web application, with the model loaded. With ``is_polling`` it asks Telegram for updates itself."""
    house = build_house(settings, is_polling=is_polling)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_forget_the_silent(house)), asyncio.create_task(house.desk.watch.run())]
        # What is read and compiled at first use is read now: later it would hold up a webhook.
        await house.assistant.understand("bonjour, je suis à Oujda")
        await house.mailroom.start()
        polling = await _open_channels(house, is_polling=is_polling)
        yield
        for task in (*tasks, polling):
            if task is not None:
                task.cancel()
        house.web.accept = None
        # Nothing comes in from here on; what is being sent may end.
        await house.mailroom.stop()
        for channel in house.present.on.values():
            await channel.stop()
        house.database.close()

    app = FastAPI(title="Dalil", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(house.web.router())
    app.include_router(house.desk.router())
    for channel in house.present.on.values():
        app.include_router(channel.router())
    app.state.channels = house.present
    app.mount("/static/web", StaticFiles(directory=PROJECT_ROOT / "channels" / "web" / "static"))
    app.mount("/static/desk", StaticFiles(directory=PROJECT_ROOT / "channels" / "desk" / "static"))
    _add_operations(app, house)
    return app


async def _open_channels(house: House, *, is_polling: bool) -> asyncio.Task[None] | None:
    """Let messages in; returns the task that polls, if there is one."""
    house.web.accept = house.mailroom.accept
    polling = None
    for name, channel in house.present.on.items():
        accept = partial(house.mailroom.take, name)
        await channel.start(accept)
        if is_polling and isinstance(channel, TelegramChannel):
            polling = asyncio.create_task(poll(channel, accept))
    for name, lacking in house.present.off.items():
        log.info("channel_off channel=%s missing=%s", name, lacking)
    return polling


async def _forget_the_silent(house: House) -> None:
    """Keep the promise of the retention time: at the start, and then every few hours."""
    while True:
        try:
            with house.database.write() as session:
                count = purge(session, retention_days=house.settings.retention_days, now=utc_now())
                house.mailroom.cabinet.sweep(session)
            log.info("purged conversations=%s", count)
        except SQLAlchemyError:
            log.exception("purge_failed")  # tried again at the next round
        await asyncio.sleep(_PURGE_EVERY_SECONDS)


def _add_operations(app: FastAPI, house: House) -> None:
    @app.get("/health")
    async def health() -> JSONResponse:
        """The process is alive."""
        return JSONResponse({"status": "ok"})

    @app.get("/ready")
    async def ready() -> JSONResponse:
        """Messages can be taken: the database answers and is migrated, the model is loaded, workflows run."""
        checks = {"database": _database_answers(house.database), "workflows": house.web.accept is not None}
        good = all(checks.values())
        return JSONResponse({"status": "ok" if good else "not ready", **checks}, status_code=200 if good else 503)

    @app.get("/metrics")
    async def metrics() -> Response:
        """Prometheus metrics: counts and times, no person."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _database_answers(database: Database) -> bool:
    try:
        with database.read() as session:
            session.execute(text("SELECT 1"))
            return is_migrated(database)
    except Exception:  # noqa: BLE001 - whatever it is, the database is not ready
        return False
