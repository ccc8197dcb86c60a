"""Writes what evaluate.py measures as one HTML page, plots included, nothing from anybody else's server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape

from bot.languages import WRITINGS
from nlu.curves import CurvePoint
from nlu.evaluate import (
    LESS_IS_BETTER,
    MEASURES,
    Outcome,
    Share,
    confusions,
    coverage,
    measure,
    reliability,
    worst_articles,
)

_HERE = Path(__file__).resolve().parent

Floors = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Evaluation:
    """Everything a report is made of. ``topic_of`` gives the topic of an article."""

    model: str
    examples: int
    outcomes: Sequence[Outcome]
    topic_of: Mapping[str, str]
    floors: Floors
    curve: Sequence[CurvePoint] = ()


def write_report(evaluation: Evaluation, path: Path) -> None:
    """Write the page to ``path``."""
    outcomes = evaluation.outcomes
    asked = [outcome for outcome in outcomes if outcome.expected.kind == "ask"]
    environment = Environment(loader=FileSystemLoader(_HERE), autoescape=select_autoescape(default=True))
    page = environment.get_template("report.html").render(
        count=len(outcomes),
        model=evaluation.model,
        examples=evaluation.examples,
        names=list(MEASURES),
        writings=WRITINGS,
        floors=evaluation.floors,
        misses=_misses,
        by_writing=measure(outcomes, lambda outcome: outcome.expected.writing),
        by_topic=measure(asked, lambda outcome: evaluation.topic_of.get(outcome.expected.name, "")),
        by_style=measure(asked, lambda outcome: outcome.expected.style),
        reliability=reliability(outcomes),
        coverage=coverage(outcomes),
        curve=evaluation.curve,
        worst=worst_articles(outcomes),
        confusions=confusions(outcomes),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def _misses(group: str, name: str, share: Share, floors: Floors) -> bool:
    floor = floors.get(group, {}).get(name)
    if floor is None:
        return False
    return share.value > floor if name in LESS_IS_BETTER else share.value < floor
