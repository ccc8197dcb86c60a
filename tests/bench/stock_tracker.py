"""Rasa's SQLTrackerStore with its address built as SQLAlchemy 2 wants it; everything else is stock."""

from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore


class StockTrackerStore(SQLTrackerStore):
    @staticmethod
    def get_db_url(
        dialect: str = "sqlite",
        host: str | None = None,
        port: int | None = None,
        db: str = "rasa.db",
        username: str | None = None,
        password: str | None = None,
        login_db: str | None = None,
        query: dict[str, Any] | None = None,
    ) -> sa.URL:
        return sa.URL.create(dialect, username, password, host, port, db, query or {})
