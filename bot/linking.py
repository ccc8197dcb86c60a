"""Two conversations become one: the person who asked for a code takes over the addresses of the one who wrote it.

Where both had a live case, one case is left, with everything of both.
"""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from bot.aliases import move_aliases
from bot.buttons import ButtonToken
from bot.cases.lifecycle import join
from bot.cases.model import Case
from bot.cases.notice_chats import move_chats
from bot.cases.repository import find_live_case
from bot.cases.service import TermsOf
from bot.conversations import Message, Person, lock_person, set_person
from bot.deliveries import Delivery
from bot.files import File
from bot.trackers import Tracker


def link(session: Session, *, old: str, new: str, now: datetime, terms_of: TermsOf) -> None:
    """Give everything of one person to another. Whoever of the two has a live case keeps it; two become one."""
    if old == new:
        return
    for person_id in sorted((old, new)):
        lock_person(session, person_id)
    live = [case for person_id in (old, new) if (case := find_live_case(session, person_id, lock=True)) is not None]
    _give_over(session, old=old, new=new)
    if len(live) > 1:
        stays, goes, why = which_stays(*live)
        join(session, goes, stays, by=None, now=now, terms_of=terms_of, why=why)
    set_person(session, new, owner="desk" if live else "bot")


def which_stays(one: Case, other: Case) -> tuple[Case, Case, str]:
    """Of two live cases of one person, the one that stays, the one that goes into it, and the reason.

    At one cell: the one that an agent has, else the older. At two cells: the one that an agent has answered, else the older.
    """
    if one.cell_id == other.cell_id:
        stays, goes = sorted((one, other), key=lambda case: (case.agent_id is None, case.opened_at, case.id))
        return stays, goes, "linked"
    stays, goes = sorted((one, other), key=lambda case: (case.first_replied_at is None, case.opened_at, case.id))
    is_answered = stays.first_replied_at is not None and goes.first_replied_at is None
    return stays, goes, "linked_answered" if is_answered else "linked_older"


def _give_over(session: Session, *, old: str, new: str) -> None:
    move_aliases(session, old=old, new=new)
    for table in (Message, ButtonToken, Delivery, File, Case):
        session.execute(update(table).where(table.person_id == old).values(person_id=new))
    move_chats(session, old=old, new=new)
    session.execute(delete(Tracker).where(Tracker.sender_id == old))
    gone, kept = session.get(Person, old), session.get_one(Person, new)
    if gone is not None:
        kept.language = kept.language or gone.language
        kept.created_at = min(kept.created_at, gone.created_at)
        kept.last_seen_at = max(kept.last_seen_at, gone.last_seen_at)
        session.delete(gone)
    session.flush()
