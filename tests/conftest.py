"""Fixtures that three folders or more use."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

from bot.settings import Settings
from bot.store import database as database_module
from bot.store.database import Database, open_database
from bot.store.migrate import migrate
from knowledge.library import Library, load_library

#: Who asks for one of these talks over loopback HTTP, and is marked so.
_PROVIDERS = {"telegram_server", "twilio_server"}

#: A browser that has stalled answers nothing, and most calls to it have no time-out of their own.
_BROWSER_SECONDS = 150

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _PROVIDERS & set(getattr(item, "fixturenames", ())):
            item.add_marker("server")
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.timeout(_BROWSER_SECONDS))


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url="", secret_key="a secret for tests only")


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory, compiled_once: None) -> Path:
    """A database with the present schema, made once and copied for each test."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("migrated"), database_url="", secret_key="a secret")
    database = open_database(settings)
    migrate(database)
    database.close()
    return settings.data_path / "dalil.sqlite"


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """All SQLite databases of the tests share what SQLAlchemy has compiled: each would compile every statement anew."""
    make = database_module._create_engine
    first = make("sqlite://")
    first.connect().close()

    def create(url: str) -> Engine:
        engine = make(url)
        if engine.dialect.name == "sqlite":
            engine.dialect = engine.pool._dialect = first.dialect
            engine._compiled_cache = first._compiled_cache
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database_module, "_create_engine", create)
        yield
    first.dispose()


@pytest.fixture
def database(settings: Settings, migrated_file: Path) -> Iterator[Database]:
    shutil.copy(migrated_file, settings.data_path / "dalil.sqlite")
    database = open_database(settings)
    yield database
    database.close()


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library()
