"""The desk over 100,000 cases and 1,000,000 messages, on SQLite and PostgreSQL: a section of `make bench`.

Measures whole pages through the real routes, and has the database explain every statement of them: one that reads a large
table from end to end is named, and the bench fails. Alone: `python -m tests.bench.desk`. DESK_CASES and DESK_ROUNDS make it
smaller. PostgreSQL is started for it where it is installed; DESK_POSTGRES_URL names an empty database instead.
"""

import json
import logging
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import JSON, create_engine, event, inspect, text
from starlette.testclient import TestClient

from bot.cases.search import words_of
from bot.settings import Settings
from bot.store.base import Base, UtcDateTime
from bot.store.database import Database, open_database
from bot.store.migrate import migrate
from channels.staff import accounts
from knowledge.library import load_library
from tests.fixtures.house import build_test_house
from tests.fixtures.postgres import find_programs, running_postgres

CASES = int(os.environ.get("DESK_CASES", "100000"))
MESSAGES_OF_A_CASE = 10
ROUNDS = int(os.environ.get("DESK_ROUNDS", "30"))
LIMIT_MS = 100.0
PASSWORD = "a long enough password"
LARGE = ("cases", "messages", "case_events", "case_words", "case_labels", "persons")
#: The cell that is measured has this share of everything.
SHARE = 0.4
BATCH = 5000
#: From so many cases on the plans of PostgreSQL are those of a desk in use.
REAL_SIZE = 50_000
WORDS = """carte séjour renouvellement préfecture commune passeport demande papier travail patron salaire contrat
école enfant inscription santé hôpital vaccin logement loyer avocat juge police asile réfugié famille mariage naissance
بطاقة الإقامة تجديد الجماعة جواز السفر طلب وثيقة عمل مشغل أجر عقد مدرسة طفل تسجيل صحة مستشفى لقاح سكن كراء محام قاض شرطة
لجوء أسرة زواج ولادة residence card renewal office passport request paper work employer wage contract school child""".split()
RARE = "xylophone"


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


def load(database: Database, now: datetime) -> dict[str, list[str]]:
    """Fill the tables; the same numbers give the same data."""
    chance = random.Random(7)
    cells = [cell.id for cell in load_library().routable_cells]
    samples: dict[str, list[str]] = {"cases": [], "references": []}
    with database.write() as session:
        agent = accounts.add_agent(
            session,
            username="amina",
            password=PASSWORD,
            cell_id=cells[0],
            language="fr",
            roles=("agent", "lead"),
            now=now,
        )
        session.flush()
        agent_id = agent.id
    for start in range(0, CASES, BATCH):
        rows: dict[str, list[dict[str, Any]]] = {
            name: [] for name in ("persons", "cases", "case_events", "messages", "case_words", "case_labels")
        }
        for number in range(start, min(start + BATCH, CASES)):
            cell_id = cells[0] if chance.random() < SHARE else chance.choice(cells[1:])
            case = one_case(number, cell_id, agent_id, chance, now)
            if cell_id == cells[0] and len(samples["cases"]) < 50:
                samples["cases"].append(case["id"])
                samples["references"].append(case["reference"])
            rows["persons"].append(one_person(case, now))
            rows["cases"].append(case)
            talk(rows, case, chance)
        write(database, rows)
    return samples


def write(database: Database, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Write rows the fast way of each engine; the tables are those of the migrations."""
    connection = database.engine.raw_connection()
    cursor = connection.cursor()
    is_sqlite = database.engine.dialect.name == "sqlite"
    if is_sqlite:
        for pragma in ("synchronous=OFF", "cache_size=-262144"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute("BEGIN")
    for table, values in rows.items():
        if not values:
            continue
        columns = list(values[0])
        plain = as_stored(table, columns, values, is_sqlite)
        names = ", ".join(columns)
        if is_sqlite:
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", plain)
            continue
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in plain:
                copy.write_row(row)
    connection.commit()
    if is_sqlite:
        for pragma in ("synchronous=NORMAL", "cache_size=-2000"):  # the connection goes back to the program's pool
            cursor.execute(f"PRAGMA {pragma}")
    connection.close()


def as_stored(table: str, columns: list[str], values: list[dict[str, Any]], is_sqlite: bool) -> Iterable[Any]:
    """Rows as the driver takes them. Only columns of JSON and of moments need a look; most rows have neither."""
    kinds = Base.metadata.tables[table].c
    turned = {
        number: json.dumps if isinstance(kinds[name].type, JSON) else moment_as_stored
        for number, name in enumerate(columns)
        if isinstance(kinds[name].type, JSON) or (is_sqlite and isinstance(kinds[name].type, UtcDateTime))
    }
    rows: Iterable[Any] = map(itemgetter(*columns), values)
    if not turned:
        return rows
    return ([turned[number](value) if number in turned else value for number, value in enumerate(row)] for row in rows)


@cache
def moment_as_stored(value: datetime | None) -> str | None:
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if value else None


def one_person(case: dict[str, Any], now: datetime) -> dict[str, Any]:
    owner = "bot" if case["status"] == "closed" else "desk"
    return {"id": case["person_id"], "language": "fr", "owner": owner, "created_at": now, "last_seen_at": now}


def one_case(number: int, cell_id: str, agent_id: str, chance: random.Random, now: datetime) -> dict[str, Any]:
    # Of a hundred cases three are live, as in an office that works.
    status = chance.choices(("closed", "assigned", "open"), (97, 2, 1))[0]
    opened_at = now - timedelta(minutes=chance.randrange(60 * 24 * 700))
    is_live = status != "closed"
    urgency = "violence" if chance.random() < 0.03 else ""
    return {
        "id": f"{number:032x}",
        "reference": f"{number // 1000:03X}-{number % 1000:03d}",
        "person_id": f"{number + 10**9:032x}",
        "cell_id": cell_id,
        "place_id": "oujda",
        "distance_km": 1.0,
        "language": chance.choice(("ar", "fr", "en")),
        "channel": chance.choice(("web", "whatsapp", "telegram")),
        "topic": chance.choice(("work", "health", "residence", "asylum")),
        "urgency": urgency,
        "summary": {"question": " ".join(chance.choices(WORDS, k=8))},
        "route": {},
        "status": status,
        "rank": 2 if not is_live else 0 if urgency else 1,
        "version": 3,
        "agent_id": agent_id if status == "assigned" else None,
        "opened_at": opened_at,
        "closed_at": None if is_live else opened_at + timedelta(days=2),
        "changed_at": opened_at,
        "waiting_since": opened_at if is_live else None,
        "first_replied_at": None if status == "open" else opened_at + timedelta(hours=3),
        "first_reply_s": None if status == "open" else 3 * 3600,
        "reply_left_s": 3600 if status == "open" else None,
        "resolution_left_s": 3600,
        "running_since": opened_at if is_live else None,
        "reply_due_at": opened_at + timedelta(hours=4) if status == "open" else None,
        "resolution_due_at": opened_at + timedelta(days=5) if is_live else None,
        "score": "",
    }


def talk(rows: dict[str, list[dict[str, Any]]], case: dict[str, Any], chance: random.Random) -> None:
    """The messages, events, words and labels of a case."""
    # People speak of one thing: a case has some of the words, not all of them.
    vocabulary = chance.sample(WORDS, k=18)
    said = case["summary"]["question"].split()
    events = [("opened", None)]
    for number in range(MESSAGES_OF_A_CASE):
        is_person = number % 2 == 0
        words = chance.choices(vocabulary, k=9)
        if chance.random() < 0.00002:
            words.append(RARE)
        said += words
        at = case["opened_at"] + timedelta(minutes=number)
        rows["messages"].append(
            {
                "person_id": case["person_id"],
                "channel": case["channel"],
                "direction": "in" if is_person else "out",
                "author": "person" if is_person else "agent",
                "provider_id": f"{case['id']}-{number}" if is_person else None,
                "text": " ".join(words),
                "case_id": case["id"],
                "created_at": at,
                "answered_at": at,
                "language": case["language"],
                "payload": "",
                "problem": "",
                "buttons": [],
                "asks_place": False,
                "outcome": "",
            }
        )
        events.append(("wrote" if is_person else "replied", None))
    rows["case_events"] += [
        {
            "case_id": case["id"],
            "cell_id": case["cell_id"],
            "kind": kind,
            "agent_id": by,
            "data": {},
            "at": case["opened_at"],
        }
        for kind, by in events[:4]
    ]
    known = {word for spoken in set(said) for word in spelled(spoken)}
    rows["case_words"] += [{"cell_id": case["cell_id"], "word": word, "case_id": case["id"]} for word in sorted(known)]
    if chance.random() < 0.2:
        name = f"label-{chance.randrange(40)}"
        rows["case_labels"].append({"case_id": case["id"], "name": name, "cell_id": case["cell_id"]})


@cache
def spelled(word: str) -> tuple[str, ...]:
    return tuple(words_of(word))


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
