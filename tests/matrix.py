"""The matrix of a campaign: which attacks were stopped at which level, and by what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attack import CATEGORIES, OPERATIONS, Attack
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from envforge.cli.display import plain
from envforge.config import ISOLATION_NAMES
from envforge.sandbox import Status

# At most nine characters, so that six levels fit beside the longest name.
WORDS = {
    "value": "harmless",
    Status.RAISED: "raised",
    Status.CPU: "CPU time",
    Status.WALL: "wall time",
    Status.MEMORY: "memory",
    Status.FORBIDDEN: "syscall",
    Status.CRASHED: "crashed",
    Status.OUTPUT: "output",
    Status.FORGED: "forged",
    Status.HOSTILE: "hostile",
}
LEGEND = (
    "Green: stopped; the program's verdict is that it raised an error, used up CPU time, wall time or memory, made "
    "a forbidden system call, crashed, wrote too much output or a forged result, or it returned something "
    "harmless. Yellow: stopped, but with another verdict than its file expects. Red: it got through. Level 0 is no "
    "boundary, and only attacks that can do no harm run there."
)
WIDTH = 100
Outcome = dict[str, Any]

NOT_RUN, STOPPED, SURPRISE, ESCAPED = "not run", "stopped", "surprise", "ESCAPED"


def judge(attack: Attack, level: int, outcome: Outcome) -> tuple[str, str]:
    """One of the four words above for an attack at a level, and the verdict that decides it."""
    if attack.name not in outcome["verdicts"]:
        return NOT_RUN, ""
    found = [
        (function, verdict)
        for function in OPERATIONS
        for verdict, _ in outcome["verdicts"][attack.name][function]
    ]
    if any(verdict == "escapes" for _, verdict in found):
        return ESCAPED, ""
    # A harmless value in one function says nothing when the attack is made in the other.
    telling = next((verdict for _, verdict in found if verdict != "value"), "value")
    expected = attack.expected if level else attack.unconfined
    surprising = [verdict for function, verdict in found if verdict not in expected[function]]
    return (SURPRISE, surprising[0]) if surprising else (STOPPED, telling)


def troubles(level: int, outcome: Outcome) -> Iterator[str]:
    """Everything beside the attacks' own verdicts that must not happen, in sentences."""
    for name, notes in outcome["disturbed"].items():
        for note in notes:
            yield f"{name} disturbed another program: {note}"
    if not outcome["same runner"]:
        yield "an attack took the runner down"
    if level and outcome["connections"]:
        yield f"{outcome['connections']} servers of the host were reached"
    if outcome["left descriptors"]:
        yield f"{outcome['left descriptors']} descriptors were left open"
    for left in outcome["left"]:
        yield f"left behind: {left}"


def show(
    attacks: Sequence[Attack], outcomes: Mapping[int, Outcome], absent: Mapping[int, str], *, by_attack: bool
) -> int:
    """Print the matrix; 1 when anything went wrong at a level from 1 on, 2 when nothing was run."""
    console = Console(width=None if Console().is_terminal else WIDTH, highlight=False)
    judged = {
        level: {attack.name: judge(attack, level, outcome) for attack in attacks}
        for level, outcome in outcomes.items()
    }
    if outcomes:
        console.print(_attack_table(attacks, judged) if by_attack else _category_table(attacks, judged))
        console.print(LEGEND, style="dim")
    failed = _details(console, attacks, outcomes, judged)
    for level, reason in absent.items():
        console.print(
            f"\n[yellow]level {level}, {ISOLATION_NAMES[level]}: not run.[/] {escape(plain(reason))}"
        )
    console.print()
    escapes = [_escapes(level, verdicts) for level, verdicts in judged.items()]
    console.print(f"escapes at level {', '.join(escapes)}" if escapes else "nothing was run", soft_wrap=True)
    return 1 if failed else 0 if outcomes else 2


def _table(levels: Sequence[int], first: str) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(first, overflow="fold")
    for level in levels:
        table.add_column(f"{level}\n{ISOLATION_NAMES[level]}", no_wrap=True)
    return table


def _attack_table(attacks: Sequence[Attack], judged: Mapping[int, Mapping[str, tuple[str, str]]]) -> Table:
    table = _table(list(judged), "attack")
    for category, meaning in CATEGORIES.items():
        group = [attack for attack in attacks if attack.category == category]
        if group:
            table.add_row(f"[bold]{category}[/]\n[dim]{meaning}[/]")
        for attack in group:
            cells = []
            for verdicts in judged.values():
                kind, verdict = verdicts[attack.name]
                word = WORDS.get(verdict, verdict)
                cells.append(
                    {
                        NOT_RUN: "-",
                        STOPPED: f"[green]{word}[/]",
                        SURPRISE: f"[bold yellow]{word}[/]",
                        ESCAPED: "[bold red]ESCAPED[/]",
                    }[kind]
                )
            table.add_row(attack.name, *cells)
    return table


def _category_table(attacks: Sequence[Attack], judged: Mapping[int, Mapping[str, tuple[str, str]]]) -> Table:
    table = _table(list(judged), "attacks on")
    for category, meaning in CATEGORIES.items():
        group = [attack.name for attack in attacks if attack.category == category]
        if group:
            cells = [_counts([verdicts[name][0] for name in group]) for verdicts in judged.values()]
            table.add_row(f"[bold]{category}[/] ({len(group)})\n[dim]{meaning}[/]", *cells)
    return table


def _counts(kinds: Sequence[str]) -> str:
    count = Counter(kinds)
    parts = [
        f"[bold red]{count[ESCAPED]} ESCAPED[/]" if count[ESCAPED] else "",
        f"[bold yellow]{count[SURPRISE]} surprise[/]" if count[SURPRISE] else "",
        f"[green]{count[STOPPED]} stopped[/]" if count[STOPPED] else "",
    ]
    return "\n".join(filter(None, parts)) or "-"


def _details(
    console: Console,
    attacks: Sequence[Attack],
    outcomes: Mapping[int, Outcome],
    judged: Mapping[int, Mapping[str, tuple[str, str]]],
) -> bool:
    """Print what went wrong, attack by attack; whether anything did."""
    failed = False
    for level, outcome in outcomes.items():
        sentences = list(troubles(level, outcome))
        for attack in attacks:
            kind, _ = judged[level][attack.name]
            if kind == SURPRISE or (kind == ESCAPED and level):
                evidence = outcome["verdicts"][attack.name]
                said = {f"in {f}: {v} ({e})" for f in OPERATIONS for v, e in evidence[f]}
                sentences.append(f"{attack.name}: {attack.title} {'; '.join(sorted(said))}")
        for sentence in sentences:
            console.print(f"\n[bold red]level {level}[/] {escape(plain(sentence))}")
        failed |= bool(sentences)
    return failed


def _escapes(level: int, verdicts: Mapping[str, tuple[str, str]]) -> str:
    run = [kind for kind, _ in verdicts.values() if kind != NOT_RUN]
    escaped = run.count(ESCAPED)
    colour = "red" if escaped and level else "yellow" if escaped else "green"
    return f"[{colour}]{level}: {escaped} of {len(run)}[/]"
