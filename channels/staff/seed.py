"""First accounts, so that the desk can be entered after the first start: each cell that takes cases, and an administrator."""

import secrets
from pathlib import Path

from bot.cases import staff_queries
from bot.clock import Clock
from bot.settings import Settings
from bot.store.database import Database
from channels.staff.accounts import add_agent
from knowledge.library import Library


def first_password_path(settings: Settings) -> Path:
    """Where the first password is kept, readable by the owner of the data folder only."""
    return settings.data_path / "desk-first-password"


def seed_agents(settings: Settings, database: Database, library: Library, now: Clock) -> None:
    """Add an account named after each routable cell, all with one first password, if there is no account yet."""
    with database.write() as session:
        if staff_queries.list_agents(session):
            return
        password = secrets.token_urlsafe(12)
        for cell in library.routable_cells:
            add_agent(
                session,
                username=cell.id,
                password=password,
                cell_id=cell.id,
                language="fr",
                now=now(),
                roles=("agent", "lead"),
            )
        add_agent(
            session,
            username="administrator",
            password=password,
            cell_id="",
            language="fr",
            now=now(),
            roles=("administrator", "auditor"),
        )
        path = first_password_path(settings)
        path.touch(mode=0o600)
        path.write_text(password, encoding="ascii")
