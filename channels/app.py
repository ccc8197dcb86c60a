"""Wires the program: settings, database, assistant, channels, desk. Nothing is decided here."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

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
from channels.receive import Receiver
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
    desk: Desk


def build_house(settings: Settings) -> House:
    """Open the database, load the model, make the channels; raises ModelMissing."""
    database = open_database(settings)
    library = load_library()
    assistant = Assistant.load(get_model(settings), database)
    receiver = Receiver(settings, database, assistant, library)
    web = WebChannel(settings, database, library)
    receiver.channels[web.name] = web
    mailroom = Mailroom(settings, receiver)
    desk = Desk(settings, database, library, assistant, mailroom.deliver)
    return House(settings, database, library, assistant, receiver, mailroom, web, desk)


def create_app(settings: Settings) -> FastAPI:
    """The web application. The model is loaded when it starts, so that ``/health`` answers meanwhile elsewhere."""
    house = build_house(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(_forget_the_silent(house)), asyncio.create_task(house.desk.watch.run())]
        await house.mailroom.start()
        house.web.accept = house.mailroom.accept
        yield
        for task in tasks:
            task.cancel()
        house.web.accept = None
        house.mailroom.stop()
        house.database.close()

    app = FastAPI(title="Dalil", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(house.web.router())
    app.include_router(house.desk.router())
    app.mount("/static/web", StaticFiles(directory=PROJECT_ROOT / "channels" / "web" / "static"))
    app.mount("/static/desk", StaticFiles(directory=PROJECT_ROOT / "channels" / "desk" / "static"))
    _add_operations(app, house)
    return app


async def _forget_the_silent(house: House) -> None:
    """Keep the promise of the retention time: at the start, and then every few hours."""
    while True:
        try:
            with house.database.write() as session:
                count = purge(session, retention_days=house.settings.retention_days, now=utc_now())
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
