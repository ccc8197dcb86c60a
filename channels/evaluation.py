"""`dalil evaluate`: the messages kept aside through the whole assistant, a report, and whether the floors hold."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.data_files import read_yaml
from bot.model import get_model
from bot.secrets import new_id
from bot.settings import PROJECT_ROOT, Settings
from channels.terminal import Conversations, describe, temporary_database
from knowledge.examples import examples
from knowledge.library import load_library
from nlu.calibration import write_calibration
from nlu.curves import learning_curve
from nlu.evaluate import MEASURES, Expected, Outcome, below_floors, measure, read_messages
from nlu.report import Evaluation, write_report
from nlu.tuning import calibrate_by_halves

TUNING = PROJECT_ROOT / "tests" / "nlu" / "messages" / "tuning"
KEPT = PROJECT_ROOT / "tests" / "nlu" / "messages" / "kept"
FLOORS = PROJECT_ROOT / "tests" / "nlu" / "floors.yml"


def calibrate_on_tuning() -> None:
    """Write nlu/calibration.yml for the present examples, from the messages for tuning."""
    write_calibration(calibrate_by_halves(list(examples()), read_messages(TUNING)))


async def listen(settings: Settings, messages: Sequence[Expected]) -> list[Outcome]:
    """What the whole assistant makes of messages, each in a fresh conversation."""
    outcomes = []
    with temporary_database(settings) as (own, database):
        conversations = Conversations(own, database)
        for number, message in enumerate(messages):
            address = new_id()
            if message.previous:
                await conversations.say(address, message.previous)
            outcomes.append(Outcome(message, describe(number, await conversations.say(address, message.text))))
    return outcomes


async def evaluate(settings: Settings, report: Path, console: Console, *, with_curve: bool) -> bool:
    """Measure, print, write the report; returns whether every floor holds."""
    floors = read_yaml(FLOORS)
    outcomes = await listen(settings, read_messages(KEPT))
    measured = measure(outcomes, lambda outcome: outcome.expected.writing)
    table = Table("measure", *measured)
    for name in MEASURES:
        table.add_row(name, *(f"{100 * shares[name].value:.1f}" for shares in measured.values()))
    console.print(table)
    trained = list(examples())
    write_report(
        Evaluation(
            model=get_model(settings).name,
            examples=len(trained),
            outcomes=outcomes,
            topic_of={article.id: article.topic for article in load_library().articles.values()},
            floors=floors,
            curve=list(learning_curve(trained, read_messages(KEPT))) if with_curve else [],
        ),
        report,
    )
    missed = below_floors(measured, floors)
    for writing, name, share, floor in missed:
        console.print(f"[red]{writing} {name}[/red]: {100 * share:.1f}, floor {100 * floor:.0f}")
    return not missed
