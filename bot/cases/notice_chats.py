"""Chats in which a cell is told of its cases: entered by a lead with a code, on a messenger that we send to.

A chat is a person's, as every address is, encrypted among the aliases; so a notice goes the way of every message. What has
been told where is written down case by case, so that it is told once however many processes look. Nothing here commits.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ForeignKey, Index, Select, String, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.cases.model import RANK_CLOSED, RANK_LIVE, RANK_URGENT, Case
from bot.cases.staff import Agent
from bot.conversations import Message
from bot.deliveries import Delivery
from bot.secrets import AddressBook, new_id
from bot.store.base import Base, UtcDateTime

Kind = Literal["urgent", "new", "overdue"]
KINDS: tuple[Kind, ...] = ("urgent", "new", "overdue")

#: How long a code is good with which a chat is entered.
CODE_TIME = timedelta(minutes=15)
#: Codes that one person may try in an hour, right or wrong.
MOST_TRIES = 5

#: What names a notice to a cell among the messages of a person.
NOTICE = "cell_notice"

_MOST_AT_ONCE = 50


class NoticeChat(Base):
    """A chat of a lead in which their cell is told of its cases. It is good while its lead is one."""

    __tablename__ = "notice_chats"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    cell_id: Mapped[str] = mapped_column(String(64), index=True)
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    person_id: Mapped[str] = mapped_column(ForeignKey("persons.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(2))
    is_urgent_only: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NoticeCode(Base):
    """A code with which a lead enters a chat, once."""

    __tablename__ = "notice_codes"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"), unique=True)
    cell_id: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class NoticeTold(Base):
    """That a chat has been told of a case, and of what."""

    __tablename__ = "notices_told"
    __table_args__ = (Index("ix_notices_told_case", "case_id"),)

    chat_id: Mapped[str] = mapped_column(ForeignKey("notice_chats.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)


def add_code(session: Session, book: AddressBook, agent: Agent, *, code: str, now: datetime) -> None:
    """Remember a code of a lead; an earlier one of theirs is no longer good."""
    session.execute(delete(NoticeCode).where(NoticeCode.agent_id == agent.id))
    session.add(
        NoticeCode(
            fingerprint=book.fingerprint("desk", code),
            agent_id=agent.id,
            cell_id=agent.cell_id,
            expires_at=now + CODE_TIME,
        )
    )


def find_code(session: Session, book: AddressBook, *, code: str, now: datetime) -> tuple[NoticeCode, Agent] | None:
    """A code that is still good, with the lead whose it is."""
    row = session.get(NoticeCode, book.fingerprint("desk", code))
    if row is None or now >= row.expires_at:
        return None
    agent = session.get_one(Agent, row.agent_id)
    return (row, agent) if _may_be_told(agent, row.cell_id) else None


def count_tries(session: Session, person_id: str, *, prefix: str, since: datetime) -> int:
    """How many codes a person has written since a moment."""
    query = select(func.count()).where(
        Message.person_id == person_id, Message.payload.startswith(prefix), Message.created_at > since
    )
    return session.scalar(query) or 0


def enter(
    session: Session, code: NoticeCode, agent: Agent, *, person_id: str, channel: str, now: datetime
) -> NoticeChat:
    """Use a code up: from now its cell is told in this chat. What it has already is not told again."""
    session.delete(code)
    leave(session, person_id, channel, cell_id=code.cell_id)
    chat = NoticeChat(
        id=new_id(),
        cell_id=code.cell_id,
        agent_id=agent.id,
        person_id=person_id,
        channel=channel,
        language=agent.language,
        added_at=now,
    )
    session.add(chat)
    session.flush()
    for kind in KINDS:
        mark_told(session, chat, kind, list(session.scalars(_untold(chat, kind, now))))
    return chat


def leave(session: Session, person_id: str, channel: str, *, cell_id: str = "") -> list[NoticeChat]:
    """Tell a person's chat on a channel no more of one cell, or of any; returns what was left. What is on its way goes."""
    query = select(NoticeChat).where(NoticeChat.person_id == person_id, NoticeChat.channel == channel)
    left = list(session.scalars(query.where(NoticeChat.cell_id == cell_id) if cell_id else query))
    for chat in left:
        session.delete(chat)
    if left and not cell_id:
        unsent = select(Delivery.message_id).where(
            Delivery.person_id == person_id, Delivery.channel == channel, Delivery.state.in_(("waiting", "parked"))
        )
        session.execute(delete(Message).where(Message.payload == NOTICE, Message.id.in_(unsent)))
    session.flush()
    return left


def forget_chats(session: Session, person_id: str) -> None:
    """Delete every chat of a person who is forgotten."""
    session.execute(delete(NoticeChat).where(NoticeChat.person_id == person_id))


def move_chats(session: Session, *, old: str, new: str) -> None:
    """Give the chats of one person to another, each cell once on each channel."""
    kept = {(chat.cell_id, chat.channel) for chat in _chats_of(session, new)}
    for chat in _chats_of(session, old):
        if (chat.cell_id, chat.channel) in kept:
            session.delete(chat)
        else:
            chat.person_id = new
    session.flush()


def _chats_of(session: Session, person_id: str) -> list[NoticeChat]:
    return list(session.scalars(select(NoticeChat).where(NoticeChat.person_id == person_id)))


def list_people_told(session: Session) -> set[str]:
    """Everybody in whose chat a cell is told: their address is not forgotten for their being silent."""
    return set(session.scalars(select(NoticeChat.person_id)))


def list_chats(session: Session, cell_id: str = "") -> list[NoticeChat]:
    """The chats of one cell or all whose leads are still theirs, the oldest first."""
    query = select(NoticeChat, Agent).join(Agent, Agent.id == NoticeChat.agent_id).order_by(NoticeChat.added_at)
    rows = session.execute(query.where(NoticeChat.cell_id == cell_id) if cell_id else query).all()
    return [chat for chat, agent in rows if _may_be_told(agent, chat.cell_id)]


def get_chat(session: Session, chat_id: str) -> NoticeChat | None:
    """A chat, locked until the end of the transaction."""
    return session.scalar(select(NoticeChat).where(NoticeChat.id == chat_id).with_for_update())


def remove(session: Session, chat_id: str, *, cell_id: str) -> NoticeChat | None:
    """Tell a chat of this cell no more; returns it."""
    chat = get_chat(session, chat_id)
    if chat is None or chat.cell_id != cell_id:
        return None
    session.delete(chat)
    return chat


def list_untold(session: Session, chat: NoticeChat, kind: Kind, now: datetime) -> list[Case]:
    """Cases of which a chat has not been told, the oldest first."""
    return list(session.scalars(_untold(chat, kind, now).limit(_MOST_AT_ONCE)))


def _untold(chat: NoticeChat, kind: Kind, now: datetime) -> Select[Case]:
    told = select(NoticeTold.case_id).where(NoticeTold.chat_id == chat.id, NoticeTold.kind == kind)
    query = select(Case).where(Case.cell_id == chat.cell_id, Case.id.not_in(told)).order_by(Case.opened_at)
    match kind:
        case "urgent":
            return query.where(Case.rank == RANK_URGENT)
        case "new":
            return query.where(Case.rank == RANK_LIVE, Case.agent_id.is_(None))
        case "overdue":
            return query.where(Case.rank < RANK_CLOSED, Case.reply_due_at <= now)


def mark_told(session: Session, chat: NoticeChat, kind: Kind, cases: Iterable[Case]) -> None:
    """Write down that a chat has been told. Who was told that a case is urgent was told that it is there."""
    for case in cases:
        for told in {kind, "new"} if kind == "urgent" else {kind}:
            session.merge(NoticeTold(chat_id=chat.id, kind=told, case_id=case.id))
    session.flush()


def forget_closed(session: Session, chat: NoticeChat) -> None:
    """A case that is closed may be told again if it opens again, or comes back."""
    live = select(Case.id).where(Case.cell_id == chat.cell_id, Case.rank < RANK_CLOSED)
    session.execute(delete(NoticeTold).where(NoticeTold.chat_id == chat.id, NoticeTold.case_id.not_in(live)))


def forget_codes(session: Session, now: datetime) -> None:
    """Delete codes that nobody used."""
    session.execute(delete(NoticeCode).where(NoticeCode.expires_at < now))


def set_urgent_only(session: Session, chat_id: str, *, cell_id: str, is_urgent_only: bool) -> None:
    """Say whether a chat of this cell is told of urgent cases only."""
    session.execute(
        update(NoticeChat)
        .where(NoticeChat.id == chat_id, NoticeChat.cell_id == cell_id)
        .values(is_urgent_only=is_urgent_only)
    )


def _may_be_told(agent: Agent, cell_id: str) -> bool:
    return agent.is_active and agent.cell_id == cell_id and agent.has_role("lead")
