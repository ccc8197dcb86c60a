"""What an agent reads first: facts from slots, as data; the desk puts them into the agent's language."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class CaseSummary:
    """The request in short. Article ids and slot values only, plus the person's own (redacted) words."""

    question: str = ""
    article: str = ""
    articles_seen: tuple[str, ...] = field(default_factory=tuple)
    topic: str = ""
    nationality: str = ""
    status: str = ""
    urgent_type: str = ""
    writing: str = ""

    def to_json(self) -> dict[str, Any]:
        """The summary as it is stored."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items() if value}
