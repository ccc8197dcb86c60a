"""The desk over 100,000 cases and 1,000,000 messages, on SQLite and PostgreSQL: a section of `make bench`.

Measures whole pages through the real routes, and has the database explain every statement of them: one that reads a large
table from end to end is named, and the bench fails. Alone: `python -m tests.bench.desk`. DESK_CASES and DESK_ROUNDS make it
smaller. PostgreSQL is started for it where it is installed; DESK_POSTGRES_URL names an empty database instead.
"""

import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine, event, inspect, text
from starlette.testclient import TestClient

from bot.cases.search import words_of
from bot.settings import Settings
from bot.store.database import Database, open_database
from bot.store.migrate import migrate
from tests.bench.desk_data import CASES, MESSAGES_OF_A_CASE, PASSWORD, RARE, SHARE, WORDS, load
from tests.fixtures.house import build_test_house
from tests.fixtures.postgres import find_programs, running_postgres

ROUNDS = int(os.environ.get("DESK_ROUNDS", "30"))
LIMIT_MS = 100.0
LARGE = ("cases", "messages", "case_events", "case_words", "case_labels", "persons")
#: From so many cases on the plans of PostgreSQL are those of a desk in use.
REAL_SIZE = 50_000


@dataclass
class Measured:
    """One engine: times in milliseconds by page, and statements that read a large table from end to end."""

    engine: str
    loading: float = 0.0
    times: dict[str, list[float]] = field(default_factory=dict)
    scans: list[str] = field(default_factory=list)
    statements: int = 0

    @property
    def slow(self) -> list[str]:
        """Pages that take longer than they should."""
        return [name for name, times in self.times.items() if statistics.median(times) > LIMIT_MS]


def main() -> None:
    if not section(Console()):
        sys.exit(1)


def section(console: Console) -> bool:
    """Measure and report; whether every page keeps to its time and every statement to an index."""
    for name in ("httpx", "httpx2"):
        logging.getLogger(name).setLevel(logging.WARNING)  # a line for each page is not the program's
    measured = [measure("SQLite", nullcontext(""))]
    if url := os.environ.get("DESK_POSTGRES_URL", ""):
        measured.append(measure("PostgreSQL", borrowed_postgres(url)))
    elif find_programs() is not None:
        measured.append(measure("PostgreSQL", running_postgres()))
    else:
        console.print(
            "PostgreSQL is not installed and DESK_POSTGRES_URL is not set: the desk is measured on SQLite only."
        )
    report(measured, console)
    return not any(item.scans or item.slow for item in measured)


@contextmanager
def borrowed_postgres(url: str) -> Iterator[str]:
    """Somebody's empty database, emptied again afterwards; one with tables is left alone."""
    engine = create_engine(url)
    try:
        if known := inspect(engine).get_table_names():
            raise SystemExit(f"DESK_POSTGRES_URL: the database is not empty ({len(known)} tables).")
        yield url
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    finally:
        engine.dispose()


def measure(engine: str, running: Any) -> Measured:
    found = Measured(engine)
    with tempfile.TemporaryDirectory(prefix="dalil-desk-") as folder, running as url:
        settings = Settings(data_dir=Path(folder), database_url=url, secret_key="for the bench only")
        database = open_database(settings)
        migrate(database)
        begun = time.perf_counter()
        now = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
        samples = load(database, now)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
        found.loading = time.perf_counter() - begun
        house = build_test_house(settings, database)
        client = TestClient(house.app)
        client.post("/desk/sign-in", data={"username": "amina", "password": PASSWORD})
        for name, page in pages(samples).items():
            with explained(database, found):
                assert client.get(page(0)).status_code == 200, name
            found.times[name] = []
            for number in range(ROUNDS):
                begun = time.perf_counter()
                client.get(page(number))
                found.times[name].append((time.perf_counter() - begun) * 1000)
        database.close()
    return found


def pages(samples: dict[str, list[str]]) -> dict[str, Callable[[int], str]]:
    """The pages that are measured, each a little different from round to round."""
    words = [word for word in WORDS if words_of(word)]

    def nth(name: str, number: int) -> str:
        return samples[name][number % len(samples[name])]

    return {
        "list, live": lambda number: "/desk",
        "list, a later page": lambda number: f"/desk?page={number % 5}",
        "list, mine": lambda number: "/desk?view=mine",
        "list, pool": lambda number: "/desk?view=pool",
        "list, overdue": lambda number: "/desk?view=due",
        "list, closed": lambda number: "/desk?view=closed",
        "list, topic": lambda number: "/desk?view=live&topic=health",
        "list, label": lambda number: "/desk?view=live&label=label-7",
        "list, rows only": lambda number: "/desk?part=rows",
        "case": lambda number: f"/desk/cases/{nth('cases', number)}",
        "case, thread only": lambda number: f"/desk/cases/{nth('cases', number)}/thread",
        "search, a common word": lambda number: f"/desk?words={words[number % len(words)]}",
        "search, two words": lambda number: (
            f"/desk?words={words[number % len(words)]}+{words[(number + 7) % len(words)]}"
        ),
        "search, the beginning of a word": lambda number: f"/desk?words={words[number % len(words)][:3]}",
        "search, a rare word": lambda number: f"/desk?words={RARE}",
        "search, a reference": lambda number: f"/desk?words={nth('references', number)}",
        "search, nothing": lambda number: "/desk?words=zzzzzz",
    }


@contextmanager
def explained(database: Database, found: Measured) -> Iterator[None]:
    """Have the database explain every statement of the block."""
    statements: list[tuple[str, Any]] = []

    def keep(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            statements.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", keep)
    try:
        yield
    finally:
        event.remove(database.engine, "before_cursor_execute", keep)
    is_sqlite = database.engine.dialect.name == "sqlite"
    with database.engine.connect() as connection:
        if not is_sqlite and CASES < REAL_SIZE:
            # A small table is read whole on purpose: here only whether there is an index that could be used.
            connection.exec_driver_sql("SET enable_seqscan = off")
        for statement, parameters in statements:
            found.statements += 1
            prefix = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
            rows = connection.exec_driver_sql(prefix + statement, parameters).fetchall()
            plan = [str(row[-1] if is_sqlite else row[0]) for row in rows]
            for line in plan:
                if reads_all(line):
                    found.scans.append(f"{line.strip()} <- {' '.join(statement.split())[:160]}")


def reads_all(line: str) -> bool:
    """Whether a line of a plan reads a large table from end to end, without an index."""
    words = line.replace("(", " ").split()
    for table in LARGE:
        if f"Seq Scan on {table}" in line and (f"Seq Scan on {table} " in line or line.endswith(table)):
            return True
        if words[:2] == ["SCAN", table] and "INDEX" not in words:
            return True
    return False


def report(measured: list[Measured], console: Console) -> None:
    table = Table("median / 95th percentile (ms)", *(item.engine for item in measured))
    for name in measured[0].times:
        cells = []
        for item in measured:
            times = item.times[name]
            cells.append(f"{statistics.median(times):.1f} / {statistics.quantiles(times, n=20)[-1]:.1f}")
        table.add_row(name, *cells)
    console.print(f"{CASES:,} cases, {CASES * MESSAGES_OF_A_CASE:,} messages, {SHARE:.0%} of them at one cell")
    console.print(table)
    for item in measured:
        if item.slow:
            console.print(f"{item.engine}: above {LIMIT_MS:.0f} ms at the median: {', '.join(item.slow)}")
        console.print(f"{item.engine}: loaded in {item.loading:.0f} s, {item.statements} statements explained")
        for scan in dict.fromkeys(item.scans):
            console.print(f"  reads a large table from end to end: {scan}")


if __name__ == "__main__":
    main()
