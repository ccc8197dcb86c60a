"""What is set at Telegram once: the webhook, the menu and the description in three languages; and whether it is right."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from telegram import Bot, BotCommand
from telegram.error import InvalidToken, TelegramError

from bot.languages import ANSWER_LANGUAGES
from bot.settings import Settings
from channels.channel import Finding
from channels.telegram.parse import ALLOWED_UPDATES, MENU
from channels.telegram.words import telegram_words

_PORTS = (443, 80, 88, 8443)


def webhook_address(settings: Settings) -> str:
    """The address that Telegram is told."""
    return f"{settings.public_url.rstrip('/')}/channels/telegram/webhook"


async def set_up(bot: Bot, settings: Settings) -> None:
    """Webhook, menu and descriptions."""
    await set_webhook(bot, settings)
    await set_menu(bot)


async def set_webhook(bot: Bot, settings: Settings) -> None:
    """Tell Telegram where updates go, with which secret and which kinds."""
    await bot.set_webhook(
        webhook_address(settings),
        secret_token=settings.telegram_secret,
        allowed_updates=list(ALLOWED_UPDATES),
        max_connections=40,
        drop_pending_updates=False,
    )


async def set_menu(bot: Bot) -> None:
    """The menu of commands and the descriptions, in each language and in English for every other."""
    for language in (*ANSWER_LANGUAGES, None):
        words = telegram_words(language or "en")
        commands = [BotCommand(name, words[f"menu_{name}"]) for name in MENU]
        await bot.set_my_commands(commands, language_code=language)
        await bot.set_my_description(words["description"], language_code=language)
        await bot.set_my_short_description(words["short_description"], language_code=language)


async def check(bot: Bot, settings: Settings) -> Sequence[Finding]:
    """What is right and what is not, each with how to mend it."""
    try:
        me = await bot.get_me()
        hook = await bot.get_webhook_info()
    except InvalidToken:
        return [
            Finding(False, "Telegram does not know this token.", "Copy DALIL_TELEGRAM_TOKEN again from @BotFather.")
        ]
    except TelegramError as error:
        return [
            Finding(
                False,
                f"Telegram cannot be reached ({type(error).__name__}).",
                "Look at the network and at DALIL_TELEGRAM_API_BASE, then try again.",
            )
        ]
    found = [Finding(True, f"The token is good: @{me.username}.")]
    if me.can_join_groups:
        found.append(
            Finding(
                True,
                "The bot can be added to groups; it says once that it does not answer there, and leaves.",
                "To forbid it: /setjoingroups at @BotFather.",
            )
        )
    if not settings.telegram_secret:
        mend = "For a webhook set DALIL_TELEGRAM_SECRET (letters, digits, _ and -), then `dalil telegram set-webhook`."
        found.append(
            Finding(not hook.url, "There is no secret: updates are taken by `dalil telegram poll` only.", mend)
        )
        return found
    return [*found, *_check_address(settings), *_check_webhook(hook.url, hook, settings)]


def _check_address(settings: Settings) -> list[Finding]:
    url = urlsplit(settings.public_url)
    if url.scheme != "https" or (url.port or 443) not in _PORTS:
        return [
            Finding(
                False,
                "Telegram sends to https on port 443, 80, 88 or 8443 only.",
                "Set DALIL_PUBLIC_URL to such an address, or use `dalil telegram poll`.",
            )
        ]
    return []


def _check_webhook(address: str, hook: object, settings: Settings) -> list[Finding]:
    if address != webhook_address(settings):
        what = "No webhook is set." if not address else "The webhook points to another address."
        return [
            Finding(False, what, "`dalil telegram set-webhook`, or `dalil telegram poll` without a public address.")
        ]
    found = [Finding(True, "The webhook is set to this program.")]
    missing = set(ALLOWED_UPDATES) - set(getattr(hook, "allowed_updates", None) or ())
    if missing:
        found.append(
            Finding(False, f"Telegram does not send {', '.join(sorted(missing))}.", "`dalil telegram set-webhook`.")
        )
    waiting = int(getattr(hook, "pending_update_count", 0) or 0)
    if message := getattr(hook, "last_error_message", None):
        found.append(
            Finding(
                waiting == 0,
                f"Telegram's last call failed: {message} ({waiting} updates wait).",
                "A 403 means another secret: `dalil telegram set-webhook`. Otherwise look at the proxy.",
            )
        )
    return found
