"""What can happen to a case. Rules only: queries are in repository.py, the caller commits.

Whoever acts has got the case under a lock; ``version`` is what the page showed, and what is older is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.cases import record, search, sla
from bot.cases.model import RANK_LIVE, Case
from bot.cases.sla import Terms
from bot.cases.summary import CaseSummary
from bot.conversations import Author, Message, add_outbound, set_person
from bot.errors import CaseChanged, CaseClosed, ConsentMissing, NotOwner
from bot.messages import OutboundMessage
from bot.secrets import new_id, new_reference

#: What each cell promises, by its id.
TermsOf = Callable[[str], Terms]


@dataclass(frozen=True)
class CaseRequest:
    """Everything that opens a case. Without a cell it waits for one, and the bot goes on meanwhile."""

    person_id: str
    has_consented: bool
    cell_id: str
    place_id: str
    distance_km: float
    language: str
    channel: str
    summary: CaseSummary
    route: dict[str, Any] = field(default_factory=dict)


def new_case(request: CaseRequest, *, now: datetime) -> Case:
    """A case that is ready to be stored; raises ConsentMissing if the person has not agreed."""
    if not request.has_consented:
        raise ConsentMissing
    return Case(
        id=new_id(),
        reference=new_reference(),
        person_id=request.person_id,
        cell_id=request.cell_id,
        place_id=request.place_id,
        distance_km=round(request.distance_km, 1),
        language=request.language,
        channel=request.channel,
        topic=request.summary.topic,
        urgency=request.summary.urgent_type,
        summary=request.summary.to_json(),
        route=request.route,
        status="open" if request.cell_id else "pending",
        rank=RANK_LIVE,
        version=0,
        resolution_left_s=0,
        score="",
        opened_at=now,
    )


def hand_over(session: Session, case: Case, *, now: datetime, terms_of: TermsOf) -> None:
    """Open a case at the cell that it names: its clocks begin, and the conversation is the desk's."""
    terms = terms_of(case.cell_id)
    record.add(session, case, "opened", at=now)
    case.waiting_since = now
    record.set_clocks(case, sla.start(terms, urgent=bool(case.urgency), now=now), terms.hours)
    if case.person_id:
        set_person(session, case.person_id, owner="desk")


def receive_message(session: Session, case: Case, message_id: int, *, now: datetime, terms_of: TermsOf) -> None:
    """Add what the person wrote to their case: they wait for us from now."""
    message = session.get_one(Message, message_id)
    message.case_id = case.id
    case.channel = message.channel
    case.waiting_since = case.waiting_since or now
    case.window_reminded_at = None
    record.add(session, case, "wrote", at=now, data={"message": message_id})
    record.set_clocks(case, sla.hear(record.clocks_of(case), now), terms_of(case.cell_id).hours)
    search.index_text(session, case, message.text)


def reply(
    session: Session,
    case: Case,
    *,
    agent_id: str | None,
    message: OutboundMessage,
    now: datetime,
    terms_of: TermsOf,
    version: int | None = None,
) -> None:
    """Send an agent's words to the person; the first reply takes the case.

    Where the channel takes no free text any more they wait on their way (bot/deliveries.py) until the person writes.
    Raises CaseClosed, CaseChanged, NotOwner.
    """
    if case.status == "closed" or case.person_id is None:
        raise CaseClosed
    check_version(case, version)
    if case.status != "assigned":
        record.add(session, case, "assigned", at=now, agent_id=agent_id, data={"to": agent_id})
    elif case.agent_id != agent_id:
        raise NotOwner
    terms = terms_of(case.cell_id)
    if case.first_replied_at is None:
        case.first_replied_at = now
        case.first_reply_s = int(terms.hours.between(case.opened_at, now).total_seconds())
    case.waiting_since = None
    record.set_clocks(case, sla.reply(record.clocks_of(case), terms.hours, now), terms.hours)
    tell(session, case, message, author="agent", now=now)
    record.add(session, case, "replied", at=now, agent_id=agent_id)
    search.index_text(session, case, message.text)


def tell(session: Session, case: Case, message: OutboundMessage, *, author: Author, now: datetime) -> None:
    """Write to a case's person, if they are still there."""
    if case.person_id is not None:
        add_outbound(
            session,
            message,
            person_id=case.person_id,
            channel=case.channel,
            author=author,
            now=now,
            case_id=case.id,
        )


def close_case(
    session: Session,
    case: Case,
    *,
    agent_id: str | None,
    closing: OutboundMessage,
    now: datetime,
    terms_of: TermsOf,
    version: int | None = None,
) -> bool:
    """Close a case once, tell the person and give the conversation back to the bot; False if it was closed already.

    Raises CaseChanged, NotOwner.
    """
    if case.status == "closed":
        return False
    check_version(case, version)
    if case.agent_id not in (None, agent_id):
        raise NotOwner
    _end(session, case, now=now, terms_of=terms_of, agent_id=agent_id)
    if case.person_id:
        set_person(session, case.person_id, owner="bot")
        tell(session, case, closing, author="bot", now=now)
    return True


def close_forgotten(session: Session, case: Case, *, now: datetime) -> None:
    """Close a case whose person asked to be forgotten: there is nobody left to answer."""
    if case.status != "closed":
        case.closed_at, case.waiting_since, case.running_since = now, None, None
        case.reply_due_at = case.resolution_due_at = None
        record.add(session, case, "closed", at=now)


def raise_urgency(session: Session, case: Case, urgent_type: str, *, now: datetime, terms_of: TermsOf) -> None:
    """Mark a case with the danger that its person has written of."""
    if case.urgency == urgent_type:
        return
    terms = terms_of(case.cell_id)
    case.urgency = urgent_type
    record.set_clocks(case, sla.raise_urgency(record.clocks_of(case), terms, now), terms.hours)
    record.add(session, case, "flagged", at=now, data={"urgency": urgent_type})


def rate(session: Session, case: Case, score: str, *, now: datetime) -> None:
    """Keep what the person thinks of the answer; the last word counts."""
    case.score, case.rated_at = score, now
    record.add(session, case, "rated", at=now, data={"score": score})


def check_version(case: Case, version: int | None) -> None:
    """Refuse what was decided on an older state of the case; raises CaseChanged."""
    if version is not None and version != case.version:
        raise CaseChanged


def _end(session: Session, case: Case, *, now: datetime, terms_of: TermsOf, agent_id: str | None) -> None:
    case.closed_at, case.waiting_since = now, None
    if case.cell_id:
        hours = terms_of(case.cell_id).hours
        record.set_clocks(case, sla.stop(record.clocks_of(case), hours, now), hours)
    record.add(session, case, "closed", at=now, agent_id=agent_id)
