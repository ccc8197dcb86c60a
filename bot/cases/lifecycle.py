"""The ways of a case: opened, taken, given back, passed on, noted, labelled, merged, opened again. Words are in service.py."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.cases import record, repository, search, sla
from bot.cases.model import Case, CaseLabel, Mention
from bot.cases.service import TermsOf, check_version, hand_over, raise_urgency
from bot.conversations import Message, last_channel, lock_person, set_person
from bot.errors import CaseClosed, CasesApart, NotOwner

LONGEST_LABEL = 40
LONGEST_NOTE = 4000
MOST_LABELS = 12

#: Marks, embeddings, overrides and isolates of the bidirectional algorithm.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def open_case(session: Session, case: Case, *, terms_of: TermsOf) -> None:
    """Store a case and give the conversation to the desk. Whose case is still open has it joined by this one."""
    live = repository.find_live_case(session, case.person_id, lock=True) if case.person_id else None
    session.add(case)
    session.flush()
    if not case.cell_id:
        record.add(session, case, "received", at=case.opened_at)
        return
    hand_over(session, case, now=case.opened_at, terms_of=terms_of)
    search.index_text(session, case, case.reference.replace("-", ""), str(case.summary.get("question", "")))
    if live is not None:
        join(session, case, live, by=None, now=case.opened_at, terms_of=terms_of)


def assign(session: Session, case: Case, *, to: str, by: str | None, now: datetime, version: int | None = None) -> None:
    """Give a case to an agent of its cell, whoever had it. Raises CaseClosed, CaseChanged."""
    _must_be_live(case)
    check_version(case, version)
    if case.agent_id != to:
        record.add(session, case, "assigned", at=now, agent_id=by, data={"to": to})


def release(session: Session, case: Case, *, by: str, now: datetime, version: int | None = None) -> None:
    """Give a case back to the cell's pool. Raises CaseClosed, CaseChanged, NotOwner."""
    _must_be_live(case)
    check_version(case, version)
    if case.agent_id != by:
        raise NotOwner
    record.add(session, case, "released", at=now, agent_id=by)


def transfer(
    session: Session,
    case: Case,
    *,
    to: str,
    distance_km: float,
    reason: str,
    by: str,
    now: datetime,
    terms_of: TermsOf,
    version: int | None = None,
) -> None:
    """Pass a case to another cell, with a reason. Its clocks go on in the new cell's hours.

    Raises CaseClosed, CaseChanged, NotOwner.
    """
    _must_be_live(case)
    check_version(case, version)
    if case.agent_id not in (None, by):
        raise NotOwner
    if to == case.cell_id:
        return
    before = case.cell_id
    clocks = sla.transfer(record.clocks_of(case), old=terms_of(before).hours, now=now)
    record.add(session, case, "transferred", at=now, agent_id=by, data={"to": to, "reason": reason})
    case.cell_id, case.distance_km, case.route = to, round(distance_km, 1), {}
    record.add(session, case, "arrived", at=now, agent_id=by, data={"from": before, "reason": reason})
    record.set_clocks(case, clocks, terms_of(to).hours)
    search.move_words(session, case, to)
    session.execute(update(CaseLabel).where(CaseLabel.case_id == case.id).values(cell_id=to))


def give_to_cell(
    session: Session, case: Case, *, cell_id: str, distance_km: float, now: datetime, terms_of: TermsOf
) -> None:
    """Open a pending case at a cell. If the person has been given another meanwhile, it joins that one."""
    live = repository.find_live_case(session, case.person_id, lock=True) if case.person_id else None
    case.cell_id, case.distance_km = cell_id, round(distance_km, 1)
    hand_over(session, case, now=now, terms_of=terms_of)
    search.index_text(session, case, case.reference.replace("-", ""), str(case.summary.get("question", "")))
    if live is not None:
        join(session, case, live, by=None, now=now, terms_of=terms_of)


def note(session: Session, case: Case, *, text: str, mentions: Iterable[str], by: str, now: datetime) -> None:
    """Write a note that only the cell reads; whoever is mentioned finds the case in their list."""
    mentioned = sorted(set(mentions))
    record.add(session, case, "noted", at=now, agent_id=by, data={"text": text, "mentions": mentioned})
    for agent_id in mentioned:
        session.merge(Mention(agent_id=agent_id, case_id=case.id, at=now, seen_at=None))
    search.index_text(session, case, text)


def see_mentions(session: Session, case: Case, *, agent_id: str, now: datetime) -> None:
    """An agent has looked at the case in which they were mentioned."""
    session.execute(
        update(Mention)
        .where(Mention.case_id == case.id, Mention.agent_id == agent_id, Mention.seen_at.is_(None))
        .values(seen_at=now)
    )


def set_labels(session: Session, case: Case, names: Iterable[str], *, by: str, now: datetime) -> None:
    """Give a case these labels and no others."""
    wanted = [name for name in dict.fromkeys(one_line(name)[:LONGEST_LABEL] for name in names) if name]
    wanted = wanted[:MOST_LABELS]
    if wanted == repository.labels_of(session, [case.id]).get(case.id, []):
        return
    session.execute(delete(CaseLabel).where(CaseLabel.case_id == case.id))
    session.add_all(CaseLabel(case_id=case.id, name=name, cell_id=case.cell_id) for name in wanted)
    record.add(session, case, "labelled", at=now, agent_id=by, data={"labels": wanted})


def set_urgency(session: Session, case: Case, urgency: str, *, by: str, now: datetime, terms_of: TermsOf) -> None:
    """Call a case urgent, or no longer."""
    if case.urgency == urgency:
        return
    terms = terms_of(case.cell_id)
    case.urgency = urgency
    if urgency and case.status != "closed":
        record.set_clocks(case, sla.raise_urgency(record.clocks_of(case), terms, now), terms.hours)
    record.add(session, case, "flagged", at=now, agent_id=by, data={"urgency": urgency})


def merge(session: Session, source: Case, target: Case, *, by: str, now: datetime, terms_of: TermsOf) -> None:
    """Put an older case of the same person at the same cell into the present one. Raises CasesApart."""
    same = source.person_id == target.person_id and source.cell_id == target.cell_id and source.id != target.id
    if not same or source.person_id is None or source.merged_into or target.merged_into:
        raise CasesApart
    if source.status != "closed" and target.status == "closed":
        raise CasesApart
    join(session, source, target, by=by, now=now, terms_of=terms_of)


def join(
    session: Session, source: Case, target: Case, *, by: str | None, now: datetime, terms_of: TermsOf, why: str = ""
) -> None:
    """Move all of a case into another; it stays findable by its reference, and says where it went and ``why``.

    Its events stay its own: they are read together with the other's.
    """
    session.execute(update(Message).where(Message.case_id == source.id).values(case_id=target.id))
    session.execute(update(Case).where(Case.merged_into == source.id).values(merged_into=target.id))
    if source.status != "closed" and target.status != "closed":
        _wait_together(session, source, target, now=now, terms_of=terms_of)
    _carry_over(session, source, target)
    source.merged_into = target.id
    source.closed_at = source.closed_at or now
    source.waiting_since = source.running_since = source.reply_due_at = source.resolution_due_at = None
    _tell_both(session, source, target, by=by, now=now, why=why)
    search.index_text(session, target, source.reference.replace("-", ""), str(source.summary.get("question", "")))


def _wait_together(session: Session, source: Case, target: Case, *, now: datetime, terms_of: TermsOf) -> None:
    """Who waits in either case waits in the one that is left, since the earlier moment; what was urgent stays so."""
    clocks = sla.join(
        record.clocks_of(target),
        record.clocks_of(source),
        hours=terms_of(target.cell_id).hours,
        other_hours=terms_of(source.cell_id).hours,
        now=now,
    )
    record.set_clocks(target, clocks, terms_of(target.cell_id).hours)
    target.waiting_since = min(filter(None, (source.waiting_since, target.waiting_since)), default=None)
    target.channel = last_channel(session, target.person_id or "") or target.channel
    if source.urgency and not target.urgency:
        raise_urgency(session, target, source.urgency, now=now, terms_of=terms_of)


def _carry_over(session: Session, source: Case, target: Case) -> None:
    """Labels and words go along; mentions too, where those who were mentioned can follow."""
    search.join_words(session, source, target)
    labels = repository.labels_of(session, [source.id, target.id])
    names = dict.fromkeys([*labels.get(target.id, []), *labels.get(source.id, [])])
    session.execute(delete(CaseLabel).where(CaseLabel.case_id.in_((source.id, target.id))))
    session.add_all(
        CaseLabel(case_id=target.id, name=name, cell_id=target.cell_id) for name in list(names)[:MOST_LABELS]
    )
    if source.cell_id == target.cell_id:
        for mention in session.scalars(select(Mention).where(Mention.case_id == source.id)).all():
            if session.get(Mention, (mention.agent_id, target.id)) is None:
                session.add(
                    Mention(agent_id=mention.agent_id, case_id=target.id, at=mention.at, seen_at=mention.seen_at)
                )
            session.delete(mention)


def _tell_both(session: Session, source: Case, target: Case, *, by: str | None, now: datetime, why: str) -> None:
    """Both threads say what happened; whoever had the case that is gone finds the other, or the news, in their list."""
    same = source.cell_id == target.cell_id
    into, taken = {"into": target.reference, "why": why}, {"from": source.reference, "why": why}
    if not same:
        into, taken = {**into, "cell": target.cell_id}, {**taken, "cell": source.cell_id}
    owner = source.agent_id
    record.add(session, source, "merged", at=now, agent_id=by, data=into)
    record.add(session, target, "joined", at=now, agent_id=by, data=taken)
    if owner is not None and owner not in (by, target.agent_id):
        here = target if same else source
        session.merge(Mention(agent_id=owner, case_id=here.id, at=now, seen_at=None))


def reopen(session: Session, case: Case, *, now: datetime, terms_of: TermsOf, owner: str | None = None) -> bool:
    """Open a closed case again, with the agent who had it if ``owner`` names them.

    False if there is nothing to open: the case is not closed, was merged, or its person has another that is open.
    """
    if case.status != "closed" or case.merged_into or case.person_id is None:
        return False
    lock_person(session, case.person_id)
    if repository.find_live_case(session, case.person_id) is not None:
        return False
    terms = terms_of(case.cell_id)
    case.closed_at = None
    record.add(session, case, "reopened", at=now)
    if owner is not None:
        record.add(session, case, "assigned", at=now, data={"to": owner})
    case.waiting_since = now
    record.set_clocks(case, sla.start(terms, urgent=bool(case.urgency), now=now), terms.hours)
    set_person(session, case.person_id, owner="desk")
    return True


def one_line(text: str) -> str:
    """A short text on one line, without the marks that turn the direction of what stands around it."""
    return " ".join("".join(letter for letter in text if letter not in _TURNING).split())


def _must_be_live(case: Case) -> None:
    if case.status == "closed" or case.person_id is None:
        raise CaseClosed
