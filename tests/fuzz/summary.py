"""What a campaign has found, and how it is shown."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fuzz.findings import BEGUN, BROKEN, CUT, ORDER, PASSED, UNREADABLE, Finding, Outcome
from rich.console import Console
from rich.table import Table

from envforge.sandbox import Level

WARM = 500  # programs after which memory is measured for the first time
PLAIN_SECONDS = 10.0  # between two lines of progress where the output is no terminal


@dataclass(slots=True)
class Summary:
    """What a campaign found, kept up to date while it runs."""

    seed: int
    level: Level = Level.LIMITS  # of isolation
    programs: int = 0
    seconds: float = 0.0
    ended: str = ""
    families: dict[str, Counter[str]] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    restarts: int = 0
    retries: int = 0
    deadline: float = 0.0
    slowest: tuple[float, int, str] = (0.0, -1, "")  # seconds, number, end
    memory_mib: tuple[float, float] = (0.0, 0.0)  # when warm, and at the end
    again: int = 0
    findings: list[Finding] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        self.programs += 1
        self.families.setdefault(outcome.mutant.family, Counter())[outcome.end] += 1
        self.slowest = max(self.slowest, (outcome.seconds, outcome.mutant.number, outcome.end))

    @property
    def ends(self) -> Counter[str]:
        return sum(self.families.values(), Counter())

    @property
    def rate(self) -> float:
        return self.programs / self.seconds if self.seconds else 0.0

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        seconds, number, end = self.slowest
        return {
            "seed": self.seed,
            "isolation": self.level.value,
            "programs": self.programs,
            "seconds": round(self.seconds, 1),
            "rate": round(self.rate, 1),
            "ended": self.ended,
            "ends": dict(self.ends),
            "families": {name: dict(ends) for name, ends in sorted(self.families.items())},
            "statuses": dict(sorted(self.statuses.items())),
            "requests": self.requests,
            "restarts": self.restarts,
            "retries": self.retries,
            "deadline": self.deadline,
            "slowest": {"seconds": round(seconds, 2), "number": number, "end": end},
            "memory_mib": [round(value, 1) for value in self.memory_mib],
            "examined_again": self.again,
            "findings": [{"kind": f.kind, "number": f.number, "text": f.text} for f in self.findings],
        }


def show(summary: Summary, console: Console) -> None:
    """The summary as tables."""
    ends = [*(stage.value for stage in ORDER), PASSED, BEGUN, CUT, UNREADABLE, BROKEN]
    ends = [end for end in ends if end in summary.ends or end in ("L1", PASSED)]
    table = Table(title="Where mutants ended, by family", title_justify="left")
    table.add_column("family")
    for name in ("programs", *ends):
        table.add_column(name, justify="right")
    for family, counts in sorted(summary.families.items()):
        table.add_row(
            family, f"{counts.total():,}", *(f"{counts[end]:,}" if counts[end] else "" for end in ends)
        )
    table.add_section()
    table.add_row("all", f"{summary.programs:,}", *(f"{summary.ends[end]:,}" for end in ends))
    console.print(table)
    seconds, number, end = summary.slowest
    warm, last = summary.memory_mib
    failures = ", ".join(f"{name} {count:,}" for name, count in sorted(summary.statuses.items()))
    lines = {
        "ended because": summary.ended,
        "isolation": str(summary.level),
        "time": f"{summary.seconds:.0f} s, {summary.rate:.1f} programs a second",
        "sandbox": f"{summary.requests:,} requests, {summary.restarts} restarts, {summary.retries} retries",
        "failed requests": failures or "none",
        "slowest examination": f"{seconds:.1f} s (mutant {number}, {end}); the deadline is {summary.deadline:.0f} s",
        "examined again": f"{summary.again} that passed",
        "memory of this process": f"{warm:.0f} MiB after {WARM} programs, {last:.0f} MiB at the end"
        if warm
        else "",
        "findings": str(len(summary.findings)),
    }
    for name, value in lines.items():
        if value:
            console.print(f"{name}: {value}", highlight=False, markup=False)
    for finding in summary.findings:
        where = "" if finding.number is None else f" mutant {finding.number} of seed {summary.seed}"
        line = f"FOUND {finding.kind}{where}: {finding.text}"
        console.print(harmless(line), highlight=False, markup=False, soft_wrap=True)


def show_outcome(outcome: Outcome, console: Console) -> None:
    """One mutant: how it was made, its source, and its verdicts."""
    mutant = outcome.mutant
    text = mutant.data.decode("utf-8", "backslashreplace")
    lines = [f"# mutant {mutant.number}: {mutant.base}, {', '.join(mutant.steps)}", text]
    for verdict in outcome.examination.verdicts if outcome.examination is not None else ():
        found = "passed" if verdict.passed else verdict.reason
        lines.append(f"# {verdict.stage}: {found} {json.dumps(verdict.evidence)}")
    lines.append(f"# {outcome.end}, {outcome.seconds:.1f} s {outcome.error}\n")
    console.print(harmless("\n".join(lines)), highlight=False, markup=False, soft_wrap=True)


def harmless(text: str) -> str:
    """`text` without what a terminal would obey."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def plain_lines(total: int | None) -> Callable[[Summary], None]:
    """Progress for logs: a line every few seconds."""
    last = time.monotonic()

    def watch(summary: Summary) -> None:
        nonlocal last
        if time.monotonic() - last >= PLAIN_SECONDS:
            last = time.monotonic()
            of = f" of {total:,}" if total is not None else ""
            print(
                f"{summary.programs:,}{of} programs, {summary.rate:.1f} a second, {len(summary.findings)} findings",
                file=sys.stderr,
                flush=True,
            )

    return watch
