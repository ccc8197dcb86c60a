"""A desk in use for years: 100,000 cases and their messages, the same each time, written as quickly as a database takes them."""

import json
import os
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import JSON

from bot.cases.search import words_of
from bot.store.base import Base, UtcDateTime
from bot.store.database import Database
from channels.staff import accounts
from knowledge.library import load_library

CASES = int(os.environ.get("DESK_CASES", "100000"))
MESSAGES_OF_A_CASE = 10
PASSWORD = "a long enough password"
#: The cell that is measured has this share of everything.
SHARE = 0.4
BATCH = 5000
WORDS = """carte séjour renouvellement préfecture commune passeport demande papier travail patron salaire contrat
école enfant inscription santé hôpital vaccin logement loyer avocat juge police asile réfugié famille mariage naissance
بطاقة الإقامة تجديد الجماعة جواز السفر طلب وثيقة عمل مشغل أجر عقد مدرسة طفل تسجيل صحة مستشفى لقاح سكن كراء محام قاض شرطة
لجوء أسرة زواج ولادة residence card renewal office passport request paper work employer wage contract school child""".split()
RARE = "xylophone"


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
