"""Notices to a cell in a chat: a reference, a topic, how urgent, and where to read on. Never a word of the person.

A notice is an ordinary message to whoever holds the chat: it waits, is sent once and in order, and keeps the pace of its
channel like every other (channels/postman.py).
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import deliveries
from bot.aliases import find_alias
from bot.cases import notice_chats, staff_queries
from bot.cases.model import Case
from bot.cases.notice_chats import KINDS, NOTICE, Kind, NoticeChat
from bot.conversations import add_outbound
from bot.messages import OutboundMessage
from channels.desk.pages import isolated
from channels.staff.catalogue import Catalogue, staff_words
from channels.staff.front import PREFIX, Front

#: A chat is not written to more often than this, but for danger.
NOTICE_EVERY = timedelta(minutes=10)
_MOST_LINES = 5


class ChatNotices:
    """Tells chats of what is new."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def tell(self, now: datetime) -> list[str]:
        """Put notices on their way; returns to whom."""
        with self._front.database.read() as session:
            chats = [chat for chat in notice_chats.list_chats(session) if self._news(session, chat, now)]
        told = []
        for chat in chats:
            with self._front.database.write() as session:
                locked = notice_chats.get_chat(session, chat.id)
                if locked is not None and self._tell(session, locked, now):
                    told.append(locked.person_id)
        return told

    def _tell(self, session: Session, chat: NoticeChat, now: datetime) -> bool:
        notice_chats.forget_closed(session, chat)
        news = self._news(session, chat, now)
        if not news:
            return False
        for kind, cases in news.items():
            notice_chats.mark_told(session, chat, kind, cases)
        if set(news) != {"urgent"}:
            chat.told_at = now
        words = staff_words(chat.language)
        add_outbound(
            session,
            OutboundMessage(
                notice_text(news, words, self._front.settings.public_url), language=chat.language, notice=NOTICE
            ),
            person_id=chat.person_id,
            channel=chat.channel,
            author="bot",
            now=now,
        )
        return True

    def _news(self, session: Session, chat: NoticeChat, now: datetime) -> dict[Kind, list[Case]]:
        """What a chat should be told now. New cases are not told while somebody of the cell has the desk open."""
        if not self._can_be_told(session, chat):
            return {}
        found = {kind: notice_chats.list_untold(session, chat, kind, now) for kind in self._kinds(session, chat, now)}
        return {kind: cases for kind, cases in found.items() if cases}

    def _can_be_told(self, session: Session, chat: NoticeChat) -> bool:
        """Whether a chat can be written to, and has nothing on its way that has not arrived yet."""
        alias = find_alias(session, chat.person_id, chat.channel)
        if alias is None or not alias.is_reachable or alias.stopped_at is not None:
            return False
        return not deliveries.has_unsent(session, chat.person_id, chat.channel)

    def _kinds(self, session: Session, chat: NoticeChat, now: datetime) -> list[Kind]:
        if chat.is_urgent_only or (chat.told_at is not None and now - chat.told_at < NOTICE_EVERY):
            return ["urgent"]
        is_watched = staff_queries.is_anybody_online(session, chat.cell_id, now)
        return [kind for kind in KINDS if kind != "new" or not is_watched]


def notice_text(news: dict[Kind, list[Case]], words: Catalogue, public_url: str) -> str:
    """The words of a notice: for each kind how many, and the first of them."""
    parts = []
    for kind, cases in news.items():
        lines = [words.count(f"chat_{kind}", len(cases)), *(_line(case, words) for case in cases[:_MOST_LINES])]
        if len(cases) > _MOST_LINES:
            lines.append(words.format("chat_more", number=len(cases) - _MOST_LINES))
        parts.append("\n".join(lines))
    if public_url:
        told = {case.id for cases in news.values() for case in cases}
        parts.append(f"{public_url}{PREFIX}{f'/cases/{told.pop()}' if len(told) == 1 else ''}")
    return "\n\n".join(parts)


def _line(case: Case, words: Catalogue) -> str:
    topic = words.get(f"topic_{case.topic}", "")
    danger = words.get(f"danger_{case.urgency}", "") if case.urgency else ""
    return "• " + " · ".join(part for part in (isolated(case.reference), topic, danger) if part)
