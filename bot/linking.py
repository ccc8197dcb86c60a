"""Two conversations become one: the person who asked for a code takes over the addresses of the one who wrote it."""

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from bot.aliases import move_aliases
from bot.cases.model import Case
from bot.cases.repository import find_live_case
from bot.conversations import ButtonToken, Message, Person, Tracker
from bot.deliveries import Delivery
from bot.files import File


def link(session: Session, *, old: str, new: str) -> None:
    """Give everything of one person to another; whoever of the two has a live case keeps it."""
    if old == new:
        return
    move_aliases(session, old=old, new=new)
    for table in (Message, ButtonToken, Delivery, File, Case):
        session.execute(update(table).where(table.person_id == old).values(person_id=new))
    session.execute(delete(Tracker).where(Tracker.sender_id == old))
    gone, kept = session.get(Person, old), session.get_one(Person, new)
    if gone is not None:
        kept.language = kept.language or gone.language
        kept.created_at, kept.last_seen_at = (
            min(kept.created_at, gone.created_at),
            max(kept.last_seen_at, gone.last_seen_at),
        )
        session.delete(gone)
    session.flush()
    kept.owner = "desk" if find_live_case(session, new) else "bot"
