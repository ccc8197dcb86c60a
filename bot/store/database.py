"""The database: one engine, one place that commits.

A turn's writes are gathered while it runs and written in one transaction at its end (``turn``), so that a process killed
in the middle of a turn leaves no trace of it and the turn can simply be taken again.

Mapped objects need a session. What happens on every turn is plain statements on a connection: a session takes longer to
open than such a statement to run. ``Rows`` is either.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from bot.settings import Settings

#: A part of a transaction: with mapped objects, or plain.
SessionWrite = Callable[[Session], None]
Write = Callable[[Connection], None]

Found = TypeVar("Found")

_WORKFLOW_CONNECTIONS = 2

_gathered: ContextVar[list[Write] | None] = ContextVar("gathered_writes", default=None)


class Database:
    """One database. ``read`` for looking, ``write`` for one transaction, ``turn`` for a whole turn.

    ``look`` and ``transact`` are ``read`` and ``write`` for plain statements.
    """

    def __init__(self, url: str) -> None:
        self.engine = _create_engine(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session whose changes are thrown away."""
        with self._sessions() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session committed at the end of the block, or rolled back if the block raises."""
        with self._sessions() as session:
            self._begin(session.connection())
            yield session
            session.commit()

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """A connection whose changes are thrown away."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def transact(self) -> Iterator[Connection]:
        """A connection committed at the end of the block, or rolled back if the block raises."""
        with self.engine.connect() as connection:
            self._begin(connection)
            yield connection
            connection.commit()

    def _begin(self, connection: Connection) -> None:
        if self.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    @contextmanager
    def turn(self) -> Iterator[list[Write]]:
        """Gather the writes made with ``later`` inside the block. The caller writes them with ``commit_turn``."""
        writes: list[Write] = []
        token = _gathered.set(writes)
        try:
            yield writes
        finally:
            _gathered.reset(token)

    def later(self, write: SessionWrite) -> None:
        """Do ``write`` when the present turn is committed, or now if no turn is on (a stock Rasa command)."""
        self.later_plain(in_session(write))

    def later_plain(self, write: Write) -> None:
        """``later`` for plain statements."""
        writes = _gathered.get()
        if writes is not None:
            writes.append(write)
            return
        with self.transact() as connection:
            write(connection)

    def commit_turn(self, writes: list[Write], last: Callable[[Connection], Found]) -> Found:
        """Write everything a turn gathered, and ``last``, in one transaction; returns what ``last`` found."""
        with self.transact() as connection:
            for write in writes:
                write(connection)
            return last(connection)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def in_session(write: SessionWrite) -> Write:
    """A write with mapped objects as a part of a transaction that is on."""

    def plain(connection: Connection) -> None:
        with Session(connection, expire_on_commit=False) as session:
            write(session)
            # Sends what has changed to the database; the transaction is not the session's to commit.
            session.flush()

    return plain


def open_workflow_engine(url: str) -> Engine | None:
    """The engine for the workflows' SQLite file; None for another database, which DBOS opens well by itself.

    It is written several times a message by many threads. They wait for a connection of a small pool, in order: of many
    connections that wait for the file each would sleep and try again. What a power cut might lose is in our own database.
    """
    if not url.startswith("sqlite:///"):
        return None
    engine = create_engine(url, pool_size=_WORKFLOW_CONNECTIONS, max_overflow=0, hide_parameters=True)
    event.listen(engine, "connect", _prepare_workflow_sqlite)
    return engine


def _create_engine(url: str) -> Engine:
    # Errors must not carry the words or addresses of people into a log.
    engine = create_engine(
        url,
        pool_pre_ping=not url.startswith("sqlite"),
        hide_parameters=True,
        json_serializer=_as_json,
        json_deserializer=orjson.loads,
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _as_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _prepare_workflow_sqlite(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    # As DBOS itself opens it.
    connection.isolation_level = "IMMEDIATE"  # type: ignore[attr-defined]
    _set_pragmas(connection)


def _prepare_sqlite(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions of its own: ``write`` says BEGIN IMMEDIATE itself, so that two writers
    # wait for one another instead of failing half-way.
    connection.isolation_level = None  # type: ignore[attr-defined]
    _set_pragmas(connection)


def _set_pragmas(connection: DBAPIConnection) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=10000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


_database: Database | None = None


def open_database(settings: Settings) -> Database:
    """Open the database of ``settings`` and make it the program's."""
    global _database  # noqa: PLW0603 - one database a process; Rasa builds its tracker store and actions by name
    _database = Database(settings.resolved_database_url)
    return _database


def database() -> Database:
    """The program's database; opened from the environment by a stock Rasa command that comes here first."""
    if _database is None:
        from bot.settings import load_settings  # noqa: PLC0415 - only stock commands come here

        return open_database(load_settings())
    return _database
