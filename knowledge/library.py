"""The one reader of everything in knowledge/. Nothing is read on import; a library is read once and then only looked at."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from bot.data_files import read_yaml
from bot.languages import WRITINGS
from bot.typography import keep_together, set_french
from knowledge.counting import counted
from knowledge.model import (
    FACETS,
    Article,
    Cell,
    Condition,
    Mark,
    Parameter,
    PartnerKind,
    Place,
    Source,
    Term,
)

KNOWLEDGE_ROOT = Path(__file__).resolve().parent

_HEADING = re.compile(r"^## +(.+?) *$", re.MULTILINE)
_PARAMETER = re.compile(r"\{\{ *([a-z0-9-]+)(?:@(\d{4}-\d{2}-\d{2}))? *\}\}")

_SPACE_IN_NUMBER = re.compile(r"(?<=\d) (?=\d)")
_LEADING_PLUS = re.compile(r"\u200e?\+(?=\d)")


class ContentInvalid(ValueError):
    """A content file cannot be read; the message names the file and what is wrong."""


class ArticleNotFound(LookupError):
    """No article has this id."""


@dataclass(frozen=True, repr=False)  # written out it is two megabytes, and asyncio writes out what a task gave back
class Library:
    """Everything that is known, by id."""

    articles: Mapping[str, Article]
    parameters: Mapping[str, Parameter]
    cells: Mapping[str, Cell]
    places: Mapping[str, Place]
    kinds: Mapping[str, PartnerKind]
    glossary: Mapping[str, Term]

    def article(self, article_id: str) -> Article:
        """The article with this id; raises ArticleNotFound."""
        try:
            return self.articles[article_id]
        except KeyError:
            raise ArticleNotFound(article_id) from None

    def text(self, article: Article, facet: str, *, language: str, on: date, condition: Condition | None = None) -> str:
        """A facet as people read it on a day, for people of a condition; "" if the article does not have it."""
        texts = article.facets[language]
        raw = texts.get(facet, "")
        if facet == "answer" and condition is not None:
            raw = article.variants[language].get(condition.id, raw)
        return self.fill(raw, language=language, on=on)

    def fill(self, raw: str, *, language: str, on: date) -> str:
        """Text with each ``{{parameter}}`` replaced by its value on a day, written as the language writes numbers."""

        def value(found: re.Match[str]) -> str:
            day = date.fromisoformat(found[2]) if found[2] else on
            parameter = self.parameters[found[1]]
            return format_number(parameter.value_on(day), language, is_money=parameter.unit.startswith("MAD"))

        if language == "ar":
            raw = counted(raw, {name: self.parameters[name].value_on(on) for name, _ in parameters_in(raw)})
        filled = _PARAMETER.sub(value, raw)
        return keep_numbers_in_order(filled) if language == "ar" else filled

    def partner_names(self, article: Article, language: str) -> tuple[str, ...]:
        """Who helps further with an article, as people of ``language`` call them."""
        named = (self.kinds.get(partner) or self.cells[partner] for partner in article.partners)
        return tuple(partner.name[language] for partner in named)

    def partner_cells(self, article: Article) -> tuple[Cell, ...]:
        """The cells with a known place among those who help further, those named first in front."""
        ids = [cell for partner in article.partners for cell in self._cells_of(partner)]
        return tuple(self.cells[cell] for cell in dict.fromkeys(ids))

    def _cells_of(self, partner: str) -> tuple[str, ...]:
        return self.kinds[partner].cells if partner in self.kinds else (partner,)

    @cached_property
    def routable_cells(self) -> tuple[Cell, ...]:
        """Cells that cases may be sent to."""
        return tuple(cell for cell in self.cells.values() if cell.is_routable)


def parameters_in(raw: str) -> Iterator[tuple[str, str]]:
    """The parameter ids a text names, each with its day ("" for the present)."""
    for found in _PARAMETER.finditer(raw):
        yield found[1], found[2] or ""


def keep_numbers_in_order(arabic: str) -> str:
    """Arabic text whose telephone numbers read from left to right (Unicode bidi, rules W4 and W7).

    A no-break space joins groups of digits into one number; a left-to-right mark keeps a leading + in front.
    """
    joined = _SPACE_IN_NUMBER.sub("\u00a0", arabic)
    return _LEADING_PLUS.sub("\u200e+", joined)


def format_number(value: float, language: str, *, is_money: bool = False) -> str:
    """A number as ``language`` writes it in Morocco: 3,422.72 (en), 3 422,72 (fr), 3422,72 (ar, Western digits).

    Money that is not whole has two decimals; anything else only those it needs (1.5 months).
    """
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}" if is_money else f"{value:,}"
    if language == "en":
        return text
    swapped = text.replace(",", " ").replace(".", ",")
    return swapped.replace(" ", "\u202f") if language == "fr" else swapped.replace(" ", "")


@cache
def load_library(root: Path = KNOWLEDGE_ROOT) -> Library:
    """Read everything under ``root``; raises ContentInvalid naming the first file that cannot be read."""
    return Library(
        articles={article.id: article for article in _read_articles(root / "articles")},
        parameters={parameter.id: parameter for parameter in _read_parameters(root / "parameters")},
        cells={cell.id: cell for cell in _read_cells(root / "cells" / "cells.csv")},
        places={place.id: place for place in _read_places(root / "places" / "places.csv")},
        kinds={kind.id: kind for kind in _read_kinds(root / "cells" / "kinds.yml")},
        glossary=_by_id(_read_glossary(root / "glossary")),
    )


def _by_id(terms: Iterable[Term]) -> dict[str, Term]:
    found: dict[str, Term] = {}
    for term in terms:
        if found.setdefault(term.id, term) is not term:
            raise ContentInvalid(f"glossary: the term {term.id} stands in {found[term.id].topic} and {term.topic}")
    return found


def _read_articles(folder: Path) -> Iterator[Article]:
    for path in sorted(folder.glob("*/*/article.yml")):
        try:
            yield _read_article(path.parent)
        except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError, OSError) as error:
            raise ContentInvalid(f"{path.parent}: {type(error).__name__}: {error}") from error


def _read_article(folder: Path) -> Article:
    data = _read_yaml(folder / "article.yml")
    if (data["topic"], data["id"]) != (folder.parent.name, folder.name):
        raise ValueError(f"says that it is {data['topic']}/{data['id']}")
    bodies = {language: _read_sections(folder, language) for language in ("ar", "fr", "en")}
    questions = _read_yaml(folder / "questions.yml") if (folder / "questions.yml").exists() else {}
    return Article(
        id=data["id"],
        topic=data["topic"],
        title=set_french(data["title"]),
        label=set_french(data["label"]),
        checked_on=data["checked_on"],
        review_by=data["review_by"],
        facts=tuple(data["facts"]),
        sources=tuple(
            Source(set_french(source["title"]), source["url"], str(source["published"]), tuple(source["facts"]))
            for source in data["sources"]
        ),
        verify=tuple(Mark(mark["facet"], mark["fact"], mark["kind"], mark["note"]) for mark in data["verify"] or ()),
        conditions=tuple(
            Condition(
                condition["id"],
                set_french(condition["label"]),
                {key: tuple(str(value) for value in values) for key, values in condition["when"].items()},
            )
            for condition in data["conditions"] or ()
        ),
        partners=tuple(data["partners"] or ()),
        related=tuple(data["related"] or ()),
        facets={
            language: {name: text for name, text in body.items() if not name.startswith("when ")}
            for language, body in bodies.items()
        },
        variants={
            language: {name[5:]: text for name, text in body.items() if name.startswith("when ")}
            for language, body in bodies.items()
        },
        questions={writing: _read_questions(questions, writing) for writing in WRITINGS},
    )


def _read_questions(data: dict[str, Any], writing: str) -> tuple[str, ...]:
    """The questions of one way of writing. YAML takes an unquoted "I ask: …" for a mapping; its words are meant."""
    return tuple(
        ", ".join(f"{key}: {value}" for key, value in question.items()) if isinstance(question, dict) else str(question)
        for question in data.get(writing) or ()
    )


def _read_sections(folder: Path, language: str) -> dict[str, str]:
    path = folder / f"{language}.md"
    text = path.read_text(encoding="utf-8")
    if language == "fr":
        text = keep_together(text)
    parts = _HEADING.split(text)
    if parts[0].strip():
        raise ValueError(f"{path.name}: text before the first heading")
    sections = {name.strip(): body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}
    unknown = [name for name in sections if name not in FACETS and not name.startswith("when ")]
    if unknown:
        raise ValueError(f"{path.name}: unknown headings {unknown}")
    return sections


def _read_parameters(folder: Path) -> Iterator[Parameter]:
    for path in sorted(folder.glob("*/*.yml")):
        try:
            data = _read_yaml(path)
            yield Parameter(
                id=data["id"],
                topic=path.parent.name,
                description=data["description"],
                unit=data["unit"],
                reference=data["reference"],
                url=data["url"],
                fact=data["fact"],
                certainty=data["certainty"],
                values={_day(start): value for start, value in data["values"].items()},
            )
        except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError) as error:
            raise ContentInvalid(f"{path}: {type(error).__name__}: {error}") from error


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _read_cells(path: Path) -> Iterator[Cell]:
    for row in _read_csv(path):
        yield Cell(
            id=row["cell_id"],
            name=set_french({"ar": row["name_ar"], "fr": row["name_fr"], "en": row["name_en"]}),
            commune=row["commune"],
            province=row["province"],
            region=row["region"],
            latitude=float(row["lat"]) if row["lat"] else None,
            longitude=float(row["lon"]) if row["lon"] else None,
            kind=row["kind"],
            phones=tuple(phone.strip() for phone in row["phone"].split("/") if phone.strip()),
            hours=set_french({"ar": row["hours_ar"], "fr": row["hours_fr"], "en": row["hours_en"]}),
            source=row["source"],
            takes_cases=row["takes_cases"] == "yes",
        )


def _read_kinds(path: Path) -> Iterator[PartnerKind]:
    try:
        for kind in _read_yaml(path)["kinds"]:
            yield PartnerKind(kind["id"], set_french(kind["name"]), kind["fact"], tuple(kind["cells"]))
    except (KeyError, TypeError, yaml.YAMLError) as error:
        raise ContentInvalid(f"{path}: {type(error).__name__}: {error}") from error


def _read_glossary(folder: Path) -> Iterator[Term]:
    for path in sorted(folder.glob("*.yml")):
        try:
            yield from (_read_term(path.stem, data) for data in _read_yaml(path)["terms"])
        except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
            raise ContentInvalid(f"{path}: {type(error).__name__}: {error}") from error


def _read_term(topic: str, data: dict[str, Any]) -> Term:
    return Term(
        id=data["id"],
        topic=topic,
        name=set_french(data["name"]),
        explanation=set_french(data.get("explanation") or {}),
        facts=tuple(data["facts"]),
        source=data.get("source") or "",
        articles=tuple(data["articles"]),
        said=tuple(str(spelling) for spelling in data.get("said") or ()),
    )


def _read_places(path: Path) -> Iterator[Place]:
    for row in _read_csv(path):
        names = {"ar": row["name_ar"], "fr": row["name_fr"], "en": row["name_en"]}
        spellings = dict.fromkeys([*names.values(), *(text for text in row["variants"].split("|") if text)])
        yield Place(row["place_id"], names, row["region"], float(row["lat"]), float(row["lon"]), tuple(spellings))


def _read_csv(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _read_yaml(path: Path) -> dict[str, Any]:
    data = read_yaml(path)
    if not isinstance(data, dict):
        raise ContentInvalid(f"{path.name}: not a mapping")
    return data
