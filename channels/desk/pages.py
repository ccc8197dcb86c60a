"""The shapes that the desk's templates read: summaries, threads, events and reasons, in the agent's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_datetime
from babel.lists import format_list

from bot.cases.model import Case, CaseEvent
from bot.clock import MOROCCO
from bot.conversations import Message
from channels.staff.catalogue import Catalogue, staff_words
from channels.staff.pages import LOCALES, since
from knowledge.library import Library
from knowledge.model import Cell

#: Events that stand in the thread of a case; what is said stands there as messages.
_SHOWN = frozenset(
    (
        "opened",
        "assigned",
        "released",
        "transferred",
        "arrived",
        "noted",
        "labelled",
        "flagged",
        "closed",
        "reopened",
        "merged",
        "joined",
        "rated",
    )
)


@dataclass(frozen=True)
class SummaryLine:
    """One line of a case's summary, in the agent's language."""

    label: str
    text: str


@dataclass(frozen=True)
class ThreadItem:
    """A message, a note or something that happened, in the order of time."""

    kind: str
    at: datetime
    who: str
    text: str
    language: str = ""
    message_id: int = 0
    #: The case in which it happened, if that is another one, which went into this one.
    reference: str = ""


def summary_lines(case: Case, library: Library, language: str) -> list[SummaryLine]:
    """The summary in the agent's language: titles of articles and words for slots, and the person's own question."""
    words, summary = staff_words(language), case.summary
    lines = [
        (words["question"], summary.get("question", "")),
        (words["article"], _title(library, summary.get("article", ""), language)),
        (words["articles_seen"], " · ".join(_titles(library, summary, language))),
        (words["nationality"], str(summary.get("nationality", "")).upper()),
        (words["person_status"], words.get(f"is_{summary.get('status', '')}", "")),
        (words["danger"], words.get(f"danger_{case.urgency}", "")),
    ]
    return [SummaryLine(label, text) for label, text in lines if text]


def route_lines(case: Case, library: Library, language: str) -> list[str]:
    """Why this cell has the case, in words."""
    route, words = case.route, staff_words(language)
    if not route:
        return []
    key = "route_urgent" if route.get("urgent") else f"route_{route.get('reach', 'near')}"
    lines = [words.format(key, km=round(case.distance_km))]
    for item in route.get("passed_over", [])[:5]:
        cell = library.cells.get(item["cell"])
        name = cell.name[language] if cell else item["cell"]
        opens = local_time(item.get("opens_at", ""), words) if item["flaw"] in ("closed", "opens_later") else ""
        reason = words.format(f"flaw_{item['flaw']}", when=opens or words["never"])
        lines.append(words.format("passed_over", cell=name, km=item["km"], reason=reason))
    lines += [words[f"given_up_{flaw}"] for flaw in route.get("given_up", [])]
    return lines


def local_time(moment: str, words: Catalogue) -> str:
    """A stored moment in local words, "" for none."""
    if not moment:
        return ""
    local = datetime.fromisoformat(moment).astimezone(MOROCCO)
    return str(format_datetime(local, format="EEE d MMM HH:mm", locale=LOCALES[words.language]))


def thread(
    messages: Iterable[Message],
    events: Iterable[CaseEvent],
    names: Mapping[str, str],
    library: Library,
    language: str,
    *,
    others: Mapping[str, str] | None = None,
) -> list[ThreadItem]:
    """Messages, notes and events of a case in the order of time; ``others`` names the cases that went into it."""
    words = staff_words(language)
    items = [
        ThreadItem(
            kind=message.author,
            at=message.created_at,
            who=words[message.author],
            text=message.text,
            language=message.language,
            message_id=message.id,
        )
        for message in messages
    ]
    for event in events:
        # That a case went into this one stands here already, as this one's own event.
        if event.kind in _SHOWN and not (event.kind == "merged" and event.case_id in (others or {})):
            who = names.get(event.agent_id or "", words["bot"])
            is_note = event.kind == "noted"
            text = str(event.data.get("text", "")) if is_note else _told(event, names, library, words)
            reference = (others or {}).get(event.case_id, "")
            items.append(ThreadItem("note" if is_note else "event", event.at, who, text, reference=reference))
    return sorted(items, key=lambda item: item.at)


def _told(event: CaseEvent, names: Mapping[str, str], library: Library, words: Catalogue) -> str:
    data = event.data
    cell_id = data.get("cell") or (data.get("to") if event.kind == "transferred" else data.get("from", ""))
    why = f"_{data['why']}" if data.get("why") else ""
    cell = library.cells.get(str(cell_id))
    return words.format(
        f"event_{event.kind}{why}",
        to=isolated(names.get(str(data.get("to", "")), "")),
        cell=cell.name[words.language] if cell else "",
        reason=isolated(str(data.get("reason", ""))),
        labels=format_list(
            [isolated(str(name)) for name in data.get("labels", ())], style="unit-short", locale=LOCALES[words.language]
        ),
        danger=words.get(f"danger_{data.get('urgency', '')}", "") or words["not_urgent"],
        reference=isolated(str(data.get("into") or data.get("from", ""))),
        score=words.get(f"score_{data.get('score', '')}", ""),
    )


def isolated(text: str) -> str:
    """A name inside a sentence that may run the other way: what stands around it does not move (U+2068, U+2069)."""
    return f"\u2068{text}\u2069" if text else ""


def due_line(case: Case, language: str, now: datetime) -> tuple[str, str]:
    """What is due next, in words, and how pressing it is: late, soon or ""."""
    words = staff_words(language)
    if case.status == "closed":
        return "", ""
    for key, due in (("due_reply", case.reply_due_at), ("due_resolution", case.resolution_due_at)):
        if due is not None:
            seconds = (due - now).total_seconds()
            state = "late" if seconds <= 0 else "soon" if seconds <= _SOON_SECONDS else ""
            return words.format(f"{key}_late" if state == "late" else key, when=since(due, language, now)), state
    return words["waiting_for_person"], ""


_SOON_SECONDS = 3600


def place_name(library: Library, place_id: str, language: str) -> str:
    """A commune's name in a language."""
    place = library.places.get(place_id)
    return place.name[language] if place else place_id


def commune_name(library: Library, cell: Cell, language: str) -> str:
    """The commune of a cell in a language."""
    return next(
        (place.name[language] for place in library.places.values() if place.name["fr"] == cell.commune), cell.commune
    )


def _titles(library: Library, summary: Mapping[str, Any], language: str) -> list[str]:
    shown = [name for name in summary.get("articles_seen", ()) if name != summary.get("article")]
    return [title for name in shown if (title := _title(library, name, language))]


def _title(library: Library, article_id: str, language: str) -> str:
    article = library.articles.get(article_id)
    return article.title[language] if article else ""
