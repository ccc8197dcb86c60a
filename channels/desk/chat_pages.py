"""Chats in which a cell is told of its cases: a lead makes a code here, writes it on a messenger, and can end it here."""

import secrets
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot.cases import notice_chats, staff_queries
from bot.deliveries import PULLED_CHANNELS
from bot.secrets import REFERENCE_ALPHABET
from channels.channel import Channel, LinksTo
from channels.desk.cell_pages import CellPages
from channels.staff.front import PREFIX, Front, must_have, staff_router

#: The word that a link to a bot carries; channels/reading.py reads it.
_WORD = "desk-{code}"


class ChatPages:
    """The forms of a cell's chats, on the page of the cell."""

    def __init__(self, front: Front, pages: CellPages, channels: Mapping[str, Channel]) -> None:
        self._front = front
        self._pages = pages
        self._channels = channels

    def router(self) -> APIRouter:
        """The routes of chats."""
        router = staff_router(self._front)
        router.add_api_route("/cell/chats", self.post_code, methods=["POST"])
        router.add_api_route("/cell/chats", self.get_chats, methods=["GET"])
        router.add_api_route("/cell/chats/{chat_id}", self.post_chat, methods=["POST"])
        router.add_api_route("/cell/chats/{chat_id}/delete", self.delete_chat, methods=["POST"])
        return router

    async def post_code(self, request: Request) -> Response:
        """Make a code and show it, once."""
        me = must_have(request, "lead")
        sent_to = [channel for name, channel in self._channels.items() if name not in PULLED_CHANNELS]
        if not sent_to:
            return self._pages.show(request, error="error_no_messenger")
        letters = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(8))
        with self._front.database.write() as session:
            notice_chats.add_code(session, self._front.book, me.agent, code=letters, now=self._front.now())
        code = f"{letters[:4]}-{letters[4:]}"
        links = [
            await channel.link_with(_WORD.format(code=code)) for channel in sent_to if isinstance(channel, LinksTo)
        ]
        return self._pages.show(request, code=code, code_link=next(filter(None, links), ""))

    async def get_chats(self, request: Request) -> Response:
        """A page that showed a code is loaded again: the code is shown once."""
        must_have(request, "lead")
        return RedirectResponse(f"{PREFIX}/cell#chats", status_code=303)

    async def post_chat(self, request: Request, chat_id: str) -> Response:
        """Say whether a chat is told of everything or of urgent cases only."""
        me, form = must_have(request, "lead"), await request.form()
        with self._front.database.write() as session:
            notice_chats.set_urgent_only(
                session, chat_id, cell_id=me.agent.cell_id, is_urgent_only=form.get("urgent_only") == "1"
            )
        return RedirectResponse(f"{PREFIX}/cell#chats", status_code=303)

    async def delete_chat(self, request: Request, chat_id: str) -> Response:
        """Tell a chat no more."""
        me = must_have(request, "lead")
        with self._front.database.write() as session:
            chat = notice_chats.remove(session, chat_id, cell_id=me.agent.cell_id)
            if chat is not None:
                staff_queries.add_audit(
                    session, me.agent, "chat_removed", now=self._front.now(), subject=chat.cell_id, channel=chat.channel
                )
        return RedirectResponse(f"{PREFIX}/cell#chats", status_code=303)
