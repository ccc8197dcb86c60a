"""Replay packs: what each payload of a channel must become. ``payloads/*.json`` are lists of cases.

A case: ``label`` in words, what arrives (``update`` or ``form``, or ``status`` with ``url``), and ``expect``: what it is
parsed to, by kind, with the fields that matter.
"""

import dataclasses
import json
from pathlib import Path
from typing import Any

from bot.deliveries import Receipt
from bot.messages import InboundMessage
from channels.channel import GroupSpoke, Ignored, Parsed, ReachChanged

HERE = Path(__file__).parent

KINDS = {InboundMessage: "message", Receipt: "receipt", ReachChanged: "reach", GroupSpoke: "group", Ignored: "ignored"}


def load_pack(channel: str) -> list[dict[str, Any]]:
    cases = []
    for path in sorted((HERE / channel / "payloads").glob("*.json")):
        cases += json.loads(path.read_text(encoding="utf-8"))
    return cases


def described(parsed: Parsed) -> dict[str, Any]:
    """What was parsed, as it stands in a pack: the kind, and every field that is not empty."""
    fields = {}
    for field in dataclasses.fields(parsed):
        value = getattr(parsed, field.name)
        if value in ("", (), None, 0, False) and field.name != "is_reachable":
            continue
        if field.name == "media":
            value = [f"{media.kind}:{media.reference}" if media.reference else media.kind for media in value]
        elif field.name == "coordinates":
            value = [value.latitude, value.longitude]
        elif field.name == "sent_at":
            value = value.isoformat()
        elif field.name == "also_known_as":
            value = list(value)
        if field.name != "channel":
            fields[field.name] = value
    return {"kind": KINDS[type(parsed)], **fields}
