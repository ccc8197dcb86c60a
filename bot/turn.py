"""What one message leads to, and what the seams need of whoever answers it. Without Rasa, which takes seconds to import."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.languages import AnswerLanguage
from bot.messages import OutboundMessage


@dataclass(frozen=True)
class Turn:
    """What one message led to: messages for the person, what was understood, and the slots afterwards."""

    messages: list[OutboundMessage]
    understanding: Mapping[str, Any] = field(default_factory=dict)
    writing: Mapping[str, Any] = field(default_factory=dict)
    entities: tuple[Mapping[str, Any], ...] = ()
    slots: Mapping[str, Any] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """The language the person is answered in."""
        return str(self.slots.get("language") or "")


class TurnTaker(Protocol):
    """Whoever takes the turn after a person: ``bot.assistant.Assistant``, which runs the trained model."""

    async def turn(self, person_id: str, text: str, *, metadata: Mapping[str, Any] | None = None) -> Turn:
        """Answer one message."""
        ...

    async def understand(self, text: str) -> Mapping[str, Any]:
        """What a text is understood to be, without a turn."""
        ...

    def say(self, response: str, language: AnswerLanguage, **values: object) -> OutboundMessage:
        """A response in a language, outside any turn."""
        ...
