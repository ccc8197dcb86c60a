"""What every channel is: a name, its limits, its routes, and how it hands messages over."""

from typing import Protocol

from fastapi import APIRouter

from bot.conversations import Message


class Channel(Protocol):
    """The contract. A channel verifies before it reads, parses into InboundMessage, and renders what it is given."""

    @property
    def name(self) -> str:
        """The channel's name, as it stands in the database."""
        ...

    @property
    def text_limit(self) -> int:
        """Characters that fit one message."""
        ...

    def router(self) -> APIRouter:
        """The routes under which the channel is reached."""
        ...

    async def deliver(self, person_id: str, messages: list[Message]) -> None:
        """Hand stored messages to the person; raising means that the workflow tries again."""
        ...
