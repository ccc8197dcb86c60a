"""What a statement that writes has done. SQLAlchemy types the result of every statement as if it only read."""

from typing import Any, cast

from sqlalchemy import CursorResult, Result, Row


def rows_changed(result: Result[Any]) -> int:
    """How many rows an UPDATE or DELETE has changed."""
    return cast("CursorResult[Any]", result).rowcount


def added_id(result: Result[Any]) -> int:
    """The id of the row that an INSERT has added."""
    key = cast("CursorResult[Any]", result).inserted_primary_key
    return int(cast("Row[Any]", key)[0])
