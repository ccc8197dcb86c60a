"""What can happen to a case. Rules only: queries are in repository.py, the caller commits."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.cases import repository
from bot.cases.model import Case, CaseEvent, EventKind, status_after
from bot.cases.summary import CaseSummary
from bot.conversations import Message, add_outbound, set_person
from bot.errors import CaseClosed, ConsentMissing
from bot.messages import OutboundMessage
from bot.secrets import new_id, new_reference


@dataclass(frozen=True)
class CaseRequest:
    """Everything that opens a case."""

    person_id: str
    has_consented: bool
    cell_id: str
    place_id: str
    distance_km: float
    language: str
    channel: str
    summary: CaseSummary


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
        urgency=request.summary.urgent_type,
        summary=request.summary.to_json(),
        status="open",
        opened_at=now,
    )


def open_case(session: Session, case: Case) -> None:
    """Store a case and give the conversation to the desk."""
    session.add(case)
    session.flush()
    _record(session, case, "opened", at=case.opened_at)
    if case.person_id:
        set_person(session, case.person_id, owner="desk")


def receive_message(session: Session, case: Case, message_id: int) -> None:
    """Add what the person wrote to their case."""
    session.get_one(Message, message_id).case_id = case.id


def reply(session: Session, case: Case, *, agent_id: str, text: str, now: datetime) -> None:
    """Send an agent's words to the person; the first reply takes the case. Raises CaseClosed."""
    if case.status == "closed" or case.person_id is None:
        raise CaseClosed
    if case.agent_id is None:
        case.agent_id = agent_id
        _record(session, case, "assigned", at=now, agent_id=agent_id)
    _record(session, case, "replied", at=now, agent_id=agent_id)
    add_outbound(
        session,
        OutboundMessage(text=text, language=case.language),
        person_id=case.person_id,
        channel=case.channel,
        author="agent",
        now=now,
        case_id=case.id,
    )


def close_case(session: Session, case: Case, *, agent_id: str, closing: OutboundMessage, now: datetime) -> bool:
    """Close a case once, tell the person and give the conversation back to the bot; False if it was closed already."""
    if case.status == "closed":
        return False
    case.closed_at = now
    _record(session, case, "closed", at=now, agent_id=agent_id)
    if case.person_id:
        set_person(session, case.person_id, owner="bot")
        add_outbound(
            session, closing, person_id=case.person_id, channel=case.channel, author="bot", now=now, case_id=case.id
        )
    return True


def close_forgotten(session: Session, case: Case, *, now: datetime) -> None:
    """Close a case whose person asked to be forgotten: there is nobody left to answer."""
    if case.status != "closed":
        case.closed_at = now
        _record(session, case, "closed", at=now)


def raise_urgency(session: Session, case: Case, urgent_type: str) -> None:
    """Mark a case with the danger that its person has written of."""
    case.urgency = urgent_type
    session.flush()


def _record(session: Session, case: Case, kind: EventKind, *, at: datetime, agent_id: str | None = None) -> None:
    session.add(CaseEvent(case_id=case.id, kind=kind, agent_id=agent_id, at=at, data={}))
    session.flush()
    kinds: list[EventKind] = [event.kind for event in repository.list_events(session, case.id)]  # type: ignore[misc]
    case.status = status_after(kinds)
