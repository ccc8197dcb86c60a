"""What the buttons of messages stand for: opaque tokens, each for one person only. Nothing here commits."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, bindparam, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from bot.messages import Button
from bot.secrets import new_token
from bot.store.base import Base, Rows, UtcDateTime


class ButtonToken(Base):
    """What an opaque token stands for, for one person only."""

    __tablename__ = "button_tokens"

    token: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    payload: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


# Written and read on every turn: built once.
_button_tokens = Base.metadata.tables["button_tokens"]
_ADD = insert(_button_tokens)


def add_tokens(rows: Rows, buttons: Sequence[Button], *, person_id: str, now: datetime) -> list[dict[str, str]]:
    """Give buttons tokens that only this person can use; returns title and token of each."""
    tokens = [
        {
            "token": new_token(),
            "person_id": person_id,
            "payload": button.payload,
            "title": button.title,
            "created_at": now,
        }
        for button in buttons
    ]
    if tokens:
        rows.execute(_ADD, tokens)
    return [{"title": button.title, "token": str(row["token"])} for button, row in zip(buttons, tokens, strict=True)]


def find_token(rows: Rows, *, token: str, person_id: str) -> Button | None:
    """The button that a token stands for, if it was given to this person."""
    found = rows.execute(_TOKEN, {"person": person_id, "sign": token}).first()
    return Button(*found) if found else None


_TOKEN = select(_button_tokens.c.title, _button_tokens.c.payload).where(
    _button_tokens.c.person_id == bindparam("person"), _button_tokens.c.token == bindparam("sign")
)


def payloads_of(rows: Rows, tokens: Sequence[str], *, person_id: str) -> dict[str, str]:
    """What tokens stand for, by token; only those that were given to this person."""
    found = rows.execute(_PAYLOADS, {"person": person_id, "tokens": tokens})
    return {row.token: row.payload for row in found}


_PAYLOADS = select(_button_tokens.c.token, _button_tokens.c.payload).where(
    _button_tokens.c.person_id == bindparam("person"),
    _button_tokens.c.token.in_(bindparam("tokens", expanding=True)),
)
