"""Updates by polling, for those without a public address. An update is confirmed only once it is stored."""

import asyncio
import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from telegram import Bot
from telegram.error import Conflict, RetryAfter, TelegramError

from bot.errors import DalilError
from channels.channel import Accept
from channels.telegram.channel import TelegramChannel
from channels.telegram.parse import ALLOWED_UPDATES, parse_update_data

log = logging.getLogger(__name__)

_LONG_POLL_SECONDS = 25
_PAUSE_SECONDS = 3.0


class WebhookIsSet(DalilError):
    """Telegram gives updates to one taker only, and that is a webhook now."""


class AnotherPolls(DalilError):
    """Another program polls with the same token."""


async def make_way(bot: Bot, *, take_over: bool) -> None:
    """See that nobody else takes the updates; raises WebhookIsSet unless told to take over."""
    if not (await bot.get_webhook_info()).url:
        return
    if not take_over:
        raise WebhookIsSet
    await bot.delete_webhook(drop_pending_updates=False)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the data folder's place for polling; raises AnotherPolls. The system frees it when the process ends."""
    with (folder / "telegram-poll.lock").open("w", encoding="ascii") as place:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherPolls from error
        yield


async def poll(channel: TelegramChannel, accept: Accept) -> None:
    """Take updates until cancelled. What cannot be stored is asked for again: nothing is confirmed before it is."""
    offset = 0
    while True:
        try:
            updates = await channel.bot.get_updates(
                offset=offset, timeout=_LONG_POLL_SECONDS, allowed_updates=list(ALLOWED_UPDATES)
            )
            for update in updates:
                parsed = parse_update_data(update.to_dict())
                await accept([parsed])
                offset = update.update_id + 1
                await channel.acknowledge([parsed])
        except Conflict:
            log.error("telegram_poll_conflict: another program takes the updates of this bot")  # noqa: TRY400
            await asyncio.sleep(10 * _PAUSE_SECONDS)
        except RetryAfter as error:
            await asyncio.sleep(float(error._retry_after.total_seconds()))  # noqa: SLF001 - its public name gives one of two types
        except TelegramError as error:
            log.warning("telegram_poll_failed error=%s", type(error).__name__)
            await asyncio.sleep(_PAUSE_SECONDS)
        except Exception:
            # The database is away, or the like: the same updates come again.
            log.exception("telegram_poll_store_failed")
            await asyncio.sleep(_PAUSE_SECONDS)
