"""The shapes of what is known. Built by library.py from files, checked by checks.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Text = Mapping[str, str]

#: The facets of an article, in the order in which they are shown.
FACETS = ("answer", "who", "documents", "where", "cost", "deadline", "steps", "appeal", "source")

#: Facets that a person asks for by a follow-up, and the facet of the article that answers.
FACET_OF_FOLLOW_UP = {
    "cost": "cost",
    "documents": "documents",
    "where": "where",
    "deadline": "deadline",
    "how": "steps",
    "who": "who",
    "appeal": "appeal",
    "source": "source",
}

STATUSES = (
    "asylum-seeker",
    "refugee",
    "stateless",
    "regularised",
    "student",
    "employee",
    "spouse-of-moroccan",
    "minor",
    "visitor",
    "undocumented",
    "returnee",
    "employer",
)

Certainty = Literal["sourced", "verify", "old"]


@dataclass(frozen=True)
class Source:
    """Where a fact comes from. The first of an article is shown to people."""

    title: Text
    url: str
    published: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Mark:
    """A note for editors: this sentence rests on something uncertain."""

    facet: str
    fact: str
    kind: Literal["verify", "conflict", "old", "lawyer"]
    note: str


@dataclass(frozen=True)
class Condition:
    """People for whom the law differs: every key of ``when`` must hold, any of its values."""

    id: str
    label: Text
    when: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Article:
    """One answer we stand behind, in three languages.

    ``facets`` and ``variants`` are texts by language and facet (or condition id), with ``{{parameters}}`` not yet filled.
    ``partners`` are those who help further: kinds (knowledge/cells/kinds.yml) or single cells.
    """

    id: str
    topic: str
    title: Text
    label: Text
    checked_on: date
    review_by: date
    facts: tuple[str, ...]
    sources: tuple[Source, ...]
    verify: tuple[Mark, ...]
    conditions: tuple[Condition, ...]
    partners: tuple[str, ...]
    related: tuple[str, ...]
    facets: Mapping[str, Mapping[str, str]]
    variants: Mapping[str, Mapping[str, str]]
    questions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def facet_names(self) -> tuple[str, ...]:
        """The facets this article has, in their fixed order."""
        return tuple(name for name in FACETS if name in self.facets["en"])


@dataclass(frozen=True)
class Parameter:
    """One number fixed by law or practice, by the day each value takes effect. ``unit`` as in knowledge/README.md."""

    id: str
    topic: str
    description: str
    unit: str
    reference: str
    url: str
    fact: str
    certainty: Certainty
    values: Mapping[date, float]

    def value_on(self, day: date) -> float:
        """The value in force on ``day``; before the first known day, the first known value."""
        known = sorted(start for start in self.values if start <= day)
        return self.values[known[-1] if known else min(self.values)]


@dataclass(frozen=True)
class Cell:
    """A reception cell or partner. ``latitude`` and ``longitude`` in degrees, None when the place is not known."""

    id: str
    name: Text
    commune: str
    province: str
    region: str
    latitude: float | None
    longitude: float | None
    kind: str
    phones: tuple[str, ...]
    hours: Text
    source: str
    takes_cases: bool

    @property
    def is_routable(self) -> bool:
        """Whether cases may be sent here: it receives people, and its place is known."""
        return self.takes_cases and self.latitude is not None and self.longitude is not None


@dataclass(frozen=True)
class PartnerKind:
    """A kind of cell or partner that helps further, and those of this kind whose place is known."""

    id: str
    name: Text
    fact: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Term:
    """An official term with its name in each language. ``explanation`` is empty, or a plain sentence in each.

    ``said`` is what people say for it beside its names, in any way of writing.
    A term rests on ``facts``; where no fact names it, on a dated ``source`` in words.
    """

    id: str
    topic: str
    name: Text
    explanation: Text
    facts: tuple[str, ...]
    source: str
    articles: tuple[str, ...]
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """A commune of Morocco with every spelling it is known by. Coordinates in degrees."""

    id: str
    name: Text
    region: str
    latitude: float
    longitude: float
    spellings: tuple[str, ...]
