"""What is measured of either program, and the messages it is measured with."""

import statistics
from dataclasses import dataclass, field
from pathlib import Path

#: A conversation of every kind of turn, in every way of writing.
MESSAGES = [
    "bonjour",
    "Comment renouveler ma carte de séjour ?",
    "et ça coûte combien ?",
    "Mon patron ne me paie pas depuis trois mois, que faire ?",
    "What is the minimum wage in Morocco?",
    "which papers do I need",
    "How do I appeal if my residence card was refused?",
    "كيف أطلب اللجوء في المغرب؟",
    "واش ولدي يقدر يدخل للمدرسة بلا وراق",
    "kifach njedded lakart sejour dyali",
    "ana f Nador",
    "merci beaucoup",
]

CONVERSATIONS = 30


@dataclass
class Figures:
    """Times in milliseconds or seconds as named in the report, memory in MiB."""

    turns: list[float] = field(default_factory=list)
    http_turns: list[float] = field(default_factory=list)
    training: float = 0.0
    start_up: float = 0.0
    memory: float = 0.0
    examples: int = 0
    labels: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.turns)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.turns, n=20)[-1]

    @property
    def per_second(self) -> float:
        return 1000.0 / statistics.fmean(self.turns)

    @property
    def http_median(self) -> float:
        return statistics.median(self.http_turns)


def resident_memory(pid: int) -> float:
    """Resident memory of a process and its children, in MiB."""
    total = 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if int(fields["Pid"]) == pid or int(fields["PPid"]) == pid:
            total += float(fields.get("VmRSS", "0 kB").split()[0]) / 1024
    return total
