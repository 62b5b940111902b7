"""What `envforge audit` shows: how far it is, a line for each finding, and how many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from envforge.cli import display

if TYPE_CHECKING:
    from envforge.audit.finding import Audited

STYLES = {"error": display.BAD, "warning": display.WARN, "info": display.DIM}


@contextmanager
def watched(total: int) -> Iterator[Callable[[Audited], None]]:
    """On standard error: a bar with its rate on a terminal, a line for each target elsewhere."""
    from envforge.cli.progress import progress_bar

    console = display.screen(stderr=True)
    done = 0

    def line(audited: Audited) -> None:
        nonlocal done
        done += 1
        place = f"{done:>{len(str(total))}}/{total}"
        console.print(
            display.text(
                f"{place}  {audited.target}  {verdict(audited)}  {display.seconds(audited.seconds)}"
            ),
            soft_wrap=True,
        )

    with progress_bar("auditing", total) as advance:
        yield (lambda audited: advance()) if console.is_terminal or total < 2 else line


def verdict(audited: Audited) -> str:
    """The findings of one target, counted."""
    return counted(Counter(finding.severity.value for finding in audited.findings)) or "clean"


def counted(numbers: Counter[str]) -> str:
    """Numbers of findings in words, the worst first."""
    return ", ".join(display.count(numbers[name], name) for name in STYLES if numbers[name])


def show(audits: Sequence[Audited], away: Sequence[str], written: Sequence[Path], elapsed: float) -> None:
    """A table with a line for each finding, then what was not looked at, and the sums."""
    console = display.screen()
    findings = [finding for one in audits for finding in one.findings]
    if findings:
        shown = display.table("severity", "code", "target", "what is wrong", fixed=("severity", "code"))
        names = _short([one.target for one in audits])
        for finding in findings:
            style = STYLES[finding.severity.value]
            shown.add_row(
                display.text(finding.severity.value, style),
                display.text(finding.code, style),
                display.text(names[finding.target], display.KEY),
                display.text(" ".join(finding.summary.split())),
            )
        console.print(shown)
        console.print()
    for one in audits:
        if one.skipped and not one.problem:
            missed = (
                f"{one.target}: {display.count(len(one.skipped), 'code')} not looked for, or not to the end: "
            )
            why = next(iter(one.skipped.values()))
            console.print(display.text(missed + why, display.WARN), soft_wrap=True)
    console.print(display.text(sums(audits, elapsed)), soft_wrap=True)
    if findings:
        console.print(
            display.text(
                "--json prints the evidence of each finding and the command that shows it again.", display.DIM
            ),
            soft_wrap=True,
        )
    for id in away:
        console.print(
            display.text(f"Quarantined {id}: the pool no longer draws it.", display.WARN), soft_wrap=True
        )
    for path in written:
        console.print(display.text(f"Wrote {path}", display.DIM), soft_wrap=True)


def _short(names: Sequence[str]) -> dict[str, str]:
    """What to call each target in a table: a file without its folder, where no other has that name."""
    last = {name: Path(name).name if name.endswith(".py") else name for name in names}
    often = Counter(last.values())
    return {name: short if often[short] == 1 else name for name, short in last.items()}


def sums(audits: Sequence[Audited], elapsed: float) -> str:
    """The last line: findings by severity, targets that are clean, and the time."""
    numbers = Counter(finding.severity.value for one in audits for finding in one.findings)
    clean = sum(not one.findings and not one.problem for one in audits)
    found = counted(numbers) or "nothing found"
    answers = sum(one.answers for one in audits)
    return (
        f"{found}; {clean:,} of {display.count(len(audits), 'target')} clean; "
        f"{display.count(answers, 'answer')} scored; {display.seconds(elapsed)}"
    )
