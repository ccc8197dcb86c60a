"""Logs carry event names and ids, never a person's words: Rasa's own debug lines are full of them and are cut off here."""

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

_NOISY = (
    "rasa",
    "rasa_sdk",
    "dbos",
    # these name addresses: a bot's token is in every URL, a number in every request
    "httpx",
    "httpcore",
    "telegram",
    "twilio",
    "urllib3",
    "apscheduler",
    "matplotlib",
    "sanic",
    "tensorflow",
    "alembic",
    "uvicorn.access",
)


def configure_logs(level: str = "info") -> None:
    """Set up logging for a program: ours at ``level``, everybody else's only from warnings on."""
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True)
    # What libraries warn each other of is nothing that a person at a terminal can mend. A filter would not do: sanic and
    # Rasa add filters of their own, in front of any, when they are imported.
    logging.captureWarnings(capture=True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[_only_the_event, structlog.processors.KeyValueRenderer(key_order=["event"])],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        cache_logger_on_first_use=False,
    )


def _only_the_event(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Rasa's structured lines hold messages, slots and trackers: only the event's name passes."""
    return {"event": event.get("event", "")}
