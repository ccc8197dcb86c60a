"""Which channels this program has: those whose settings are there. The others say why they are off."""

from dataclasses import dataclass, field
from typing import Protocol

from bot.settings import Settings
from bot.store.database import Database
from channels.channel import Accept, Channel
from channels.telegram.channel import TelegramChannel
from channels.whatsapp.channel import WhatsAppChannel


class SentChannel(Channel, Protocol):
    """A channel with a provider, to be opened and closed with the program."""

    async def start(self, accept: Accept) -> None:
        """Open it."""
        ...

    async def stop(self) -> None:
        """Close it."""
        ...


@dataclass(frozen=True)
class PresentChannels:
    """The channels that are on, and for each that is off what it lacks."""

    on: dict[str, SentChannel] = field(default_factory=dict)
    off: dict[str, str] = field(default_factory=dict)


def find_channels(settings: Settings, database: Database, *, is_polling: bool = False) -> PresentChannels:
    """The channels of these settings."""
    present = PresentChannels()
    if lacking := missing_settings(settings, "telegram"):
        present.off["telegram"] = lacking
    else:
        present.on["telegram"] = TelegramChannel(settings, is_polling=is_polling)
        if not settings.telegram_secret and not is_polling:
            present.off["telegram (webhook)"] = "DALIL_TELEGRAM_SECRET"
    if lacking := missing_settings(settings, "whatsapp"):
        present.off["whatsapp"] = lacking
    else:
        present.on["whatsapp"] = WhatsAppChannel(settings, database)
    return present


def missing_settings(settings: Settings, channel: str) -> str:
    """The settings that a channel lacks, by their names in the environment; "" if it has all."""
    needed = {
        "telegram": ("telegram_token",),
        "whatsapp": ("twilio_account_sid", "twilio_auth_token", "whatsapp_from", "public_url"),
    }[channel]
    return ", ".join(f"DALIL_{name.upper()}" for name in needed if not getattr(settings, name))
