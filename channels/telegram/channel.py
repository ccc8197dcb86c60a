"""Telegram as a channel: the webhook, and calls of the Bot API through python-telegram-bot."""

import hmac
import logging
from collections.abc import Awaitable, Sequence
from functools import cached_property
from typing import Any

import httpx
from fastapi import APIRouter, Response
from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, ReplyKeyboardMarkup, ReplyKeyboardRemove
from telegram.constants import ChatAction
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bot.conversations import Message
from bot.languages import ANSWER_LANGUAGES
from bot.messages import InboundMessage
from bot.settings import Settings
from channels.channel import (
    Accept,
    Arrival,
    FileGone,
    FileTooLarge,
    Finding,
    Limits,
    Parsed,
    Refused,
    Request,
    SendFailed,
)
from channels.pace import Pace
from channels.telegram import setup
from channels.telegram.parse import NAME, parse_update
from channels.telegram.render import LIMITS, render_message
from channels.telegram.words import telegram_words
from channels.tls import trusted
from channels.webhook import Door

log = logging.getLogger(__name__)

WEBHOOK_PATH = "/channels/telegram/webhook"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - a header's name

#: What Telegram allows: thirty a second in all, one a second in a chat.
_PER_SECOND, _CHAT_SECONDS = 30.0, 1.0

#: Errors of the line that happen before anything has left: the call may be repeated.
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

_BAD_GATEWAY = ("(502)", "(504)", "Bad Gateway", "Gateway Timeout")


class TelegramChannel:
    """The channel. Without a token it is off; without a secret it takes updates by polling only."""

    name = NAME

    def __init__(self, settings: Settings, *, is_polling: bool = False) -> None:
        self._settings = settings
        self._is_polling = is_polling
        self._username = ""
        self.pace = Pace(_PER_SECOND, person_interval=_CHAT_SECONDS, person_burst=1)
        self.door = Door(self, content_type="application/json", acknowledgement=lambda: Response(status_code=200))

    @property
    def limits(self) -> Limits:
        """What Telegram takes."""
        return LIMITS

    @cached_property
    def bot(self) -> Bot:
        """The Bot API."""
        base = self._settings.telegram_api_base.rstrip("/")
        trust = {"verify": trusted()}
        request = HTTPXRequest(
            connection_pool_size=32, connect_timeout=5, read_timeout=15, pool_timeout=10, httpx_kwargs=trust
        )
        polling = HTTPXRequest(connection_pool_size=2, connect_timeout=5, read_timeout=40, httpx_kwargs=trust)
        return Bot(
            self._settings.telegram_token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=request,
            get_updates_request=polling,
        )

    async def start(self, accept: Accept) -> None:
        """Open the connection and the door."""
        await self.bot.request.initialize()
        self.door.accept = accept

    async def stop(self) -> None:
        """Close both."""
        self.door.accept = None
        await self.bot.request.shutdown()

    def router(self) -> APIRouter:
        """The webhook; none while updates are polled for, since Telegram gives them to one taker only."""
        router = APIRouter()
        if self._settings.telegram_secret and not self._is_polling:
            self.door.add_to(router, WEBHOOK_PATH)
        return router

    async def verify(self, arrival: Arrival) -> str:
        """The secret that only Telegram was told; compared in constant time, before the body is read."""
        given = arrival.headers.get(SECRET_HEADER, "").encode()
        if not self._settings.telegram_secret or not hmac.compare_digest(
            given, self._settings.telegram_secret.encode()
        ):
            raise Refused("secret", 403)
        return ""

    def parse(self, body: bytes, *, speaker: str, url: str) -> list[Parsed]:
        """What an update says."""
        return parse_update(body)

    def render(self, message: Message) -> list[Request]:
        """The calls that bring a message to a person."""
        return render_message(message)

    def pause(self, address: str) -> float:
        """Seconds until this chat may be written to."""
        return self.pace.take(address)

    async def send(self, address: str, request: Request) -> str:
        """Send one message; returns its id. Raises SendFailed."""
        try:
            sent = await self.bot.send_message(
                chat_id=int(address),
                text=request.values["text"],
                reply_markup=_markup(request.values["reply_markup"]),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        except TelegramError as error:
            failure = explain(error)
            if failure.outcome == "slow_down":
                self.pace.hold(address, failure.after)
            raise failure from error
        return str(sent.message_id)

    async def acknowledge(self, parsed: Sequence[Parsed]) -> None:
        """Stop the sign of waiting on each pressed button. Telegram takes this for a short time only: it is not tried again."""
        for message in parsed:
            if isinstance(message, InboundMessage) and message.token:
                await self._quietly(self.bot.answer_callback_query(message.provider_id.partition(":")[2]))

    async def show_typing(self, address: str) -> None:
        """Say that an answer is being written."""
        await self._quietly(self.bot.send_chat_action(int(address), ChatAction.TYPING))

    async def link_with(self, word: str) -> str:
        """An address that opens the chat with the bot and says a word to it; "" while Telegram does not tell its name."""
        if not self._username:
            try:
                self._username = (await self.bot.get_me()).username or ""
            except TelegramError as error:
                log.info("telegram_call_failed error=%s", type(error).__name__)
        return f"https://t.me/{self._username}?start={word}" if self._username else ""

    async def refuse_group(self, address: str) -> None:
        """Say once, in three languages, that groups are not served, and leave."""
        text = "\n\n".join(telegram_words(language)["group"] for language in ANSWER_LANGUAGES)
        await self._quietly(self.bot.send_message(int(address), text))
        await self._quietly(self.bot.leave_chat(int(address)))

    async def fetch_file(self, reference: str, *, largest: int) -> bytes:
        """The content of a file; raises FileTooLarge, FileGone, SendFailed."""
        try:
            file = await self.bot.get_file(reference)
            if (file.file_size or 0) > largest:
                raise FileTooLarge
            content = bytes(await file.download_as_bytearray())
        except BadRequest as error:
            raise (FileTooLarge if "too big" in str(error) else FileGone) from error
        except InvalidToken as error:
            raise FileGone from error  # how a file that is no longer there is answered
        except TelegramError as error:
            raise explain(error) from error
        if len(content) > largest:
            raise FileTooLarge
        return content

    async def check(self) -> Sequence[Finding]:
        """What `dalil doctor` tells of the bot and its webhook."""
        return await setup.check(self.bot, self._settings)

    @staticmethod
    async def _quietly(call: Awaitable[object]) -> None:
        try:
            await call
        except TelegramError as error:
            log.info("telegram_call_failed error=%s", type(error).__name__)


def _markup(values: dict[str, Any]) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove:
    if "inline_keyboard" in values:
        return InlineKeyboardMarkup.de_json(values)
    return ReplyKeyboardMarkup.de_json(values) if "keyboard" in values else ReplyKeyboardRemove()


def explain(error: TelegramError) -> SendFailed:
    """What an error of the Bot API means for a message."""
    if isinstance(error, RetryAfter):
        return SendFailed("slow_down", "too_fast", after=float(error._retry_after.total_seconds()))  # noqa: SLF001
    if isinstance(error, Forbidden):
        return SendFailed("blocked", "blocked")
    if isinstance(error, InvalidToken | Conflict):
        return SendFailed("retry", "settings", after=300)
    if isinstance(error, BadRequest):
        return SendFailed("failed", "no_address" if "chat not found" in str(error).lower() else "refused")
    return _explain_line(error)


def _explain_line(error: TelegramError) -> SendFailed:
    """What an error of the line, or of Telegram itself, means: whether the message may have arrived."""
    cause = error.__cause__
    arrived_perhaps = (
        not isinstance(cause, _NEVER_LEFT)
        if isinstance(cause, httpx.HTTPError)
        else any(mark in str(error) for mark in _BAD_GATEWAY)
    )
    if arrived_perhaps:
        return SendFailed("uncertain", "broken_off")
    # No connection was made, or the Bot API itself said that it could not: nothing was sent.
    return SendFailed("retry", "provider_down")
