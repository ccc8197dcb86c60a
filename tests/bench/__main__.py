"""`make bench`: Dalil and stock Rasa on the same data, then the desk over a full database; on this machine, in one run.

STOCK_EPOCHS (default 1) sets how many epochs DIET, the response selector and TED are trained: a turn costs the same after
any number. STOCK_EXAMPLES (default 40, 0 for all) sets how many examples of a label it gets. The training time of its
default (100 epochs, all examples: hours on two cores) is extrapolated and called so. STOCK=0 leaves stock Rasa out.
DESK=0 leaves the desk out, TURNS=0 all but the desk; DESK_CASES and DESK_ROUNDS make it smaller (tests/bench/desk.py).
"""

import os
import platform
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.logs import configure_logs
from tests.bench import desk, ours, stock
from tests.bench.measure import Figures


def main() -> None:
    configure_logs()  # as the program does; without it Rasa prints every turn
    console = Console()
    if os.environ.get("TURNS") != "0":
        measure_turns(console)
    if os.environ.get("DESK") != "0":
        console.rule("the desk")
        if not desk.section(console):
            sys.exit(1)


def measure_turns(console: Console) -> None:
    epochs = int(os.environ.get("STOCK_EPOCHS", "1"))
    with tempfile.TemporaryDirectory(prefix="dalil-bench-") as folder:
        dalil = ours.measure(Path(folder) / "dalil")
        most = int(os.environ.get("STOCK_EXAMPLES", "40"))
        rasa = (
            stock.measure(Path(folder) / "stock", epochs=epochs, most=most) if os.environ.get("STOCK") != "0" else None
        )
    report(dalil, rasa, console)


def report(dalil: Figures, rasa: Figures | None, console: Console) -> None:
    console.print(f"{platform.platform()}, {os.cpu_count()} cores, {dalil.examples} examples, {dalil.labels} labels")
    table = Table("", "Dalil", "stock Rasa", "ratio")
    rows = [
        ("one turn, median (ms)", dalil.median, rasa and rasa.median, True),
        ("one turn, 95th percentile (ms)", dalil.p95, rasa and rasa.p95, True),
        ("turns per second, one after another", dalil.per_second, rasa and rasa.per_second, False),
        ("over HTTP: sent to answer shown, median (ms)", dalil.http_median, rasa and rasa.http_median, True),
        ("training (s)", dalil.training, rasa and rasa.training, True),
        ("start-up until ready (s)", dalil.start_up, rasa and rasa.start_up, True),
        ("memory when ready (MiB)", dalil.memory, rasa and rasa.memory, True),
    ]
    for name, own, other, less_is_better in rows:
        ratio = "" if not other else f"{(other / own if less_is_better else own / other):.1f} x better"
        table.add_row(name, f"{own:,.1f}", f"{other:,.1f}" if other else "-", ratio)
    console.print(table)
    for note in (rasa.notes if rasa else []) + dalil.notes:
        console.print(note)


if __name__ == "__main__":
    main()
