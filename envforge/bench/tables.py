"""The figures for people: tables that fit in 100 columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from envforge.bench.places import BATCHES
from envforge.bench.workload import KINDS

WIDTH = 100
NONE = "–"


def show(figures: dict[str, Any]) -> None:
    """Print everything that was measured, and what was not."""
    console = Console(width=WIDTH, highlight=False)
    machine = figures["machine"]
    console.print(
        f"{machine['cores']} cores, {machine['system']}, Python {machine['python']}, "
        f"{machine['workers']} workers; medians of {figures['turns']} turns\n"
    )
    for kind in KINDS:
        console.print(_calls(kind, figures["calls"]))
    for name, reason in figures["missing"].items():
        console.print(f"not to be had: {name}: {reason}", markup=False)
    console.print(
        "CPU: this process, the runner and its children; for containers what their control group counts, without "
        "the engine that passes the bytes on.\n"
    )
    if figures["growth"]:
        console.print(_growth(figures["growth"]))
    if figures["memory"]:
        console.print(_memory(figures["memory"]))
    if figures["validation"]:
        console.print(_validation(figures["validation"]))


def _calls(kind: str, rows: Sequence[dict[str, Any]]) -> Table:
    table = _table(
        f"{kind}: calls in turns",
        ("where", "how"),
        (
            "calls/s",
            "slowest to\nfastest turn",
            "CPU ms\nper call",
            "of in\nprocess",
            "times\nbwrap\nper call",
        ),
    )
    last = None
    for row in rows:
        if row["kind"] != kind:
            continue
        first, batched = row["place"] != last, row["manner"] in BATCHES
        if first and batched:
            table.add_section()
        cpu = row["cpu_milliseconds"]
        table.add_row(
            row["place"] if first else "",
            row["manner"] if batched else "",
            _rate(row["calls_per_second"]),
            f"{_rate(row['slowest_turn'])} to {_rate(row['fastest_turn'])}",
            NONE if cpu is None else f"{cpu:.3f}" if cpu < 10 else f"{cpu:.1f}",
            _ratio(row["times_in_process"]),
            _ratio(row["times_bubblewrap_per_call"]),
        )
        last = row["place"]
    return table


def _growth(rows: Sequence[dict[str, Any]]) -> Table:
    numbers = sorted({row["workers"] for row in rows})
    heads = [f"{number} worker{'s' if number > 1 else ''}" for number in numbers]
    table = _table("more workers: calls/s, and as a multiple of one worker", ("where", "what"), heads)
    lines: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        cell = _rate(row["calls_per_second"])
        if row["workers"] > 1:
            cell += f"  x {_ratio(row['times_one_worker'])}"
        lines.setdefault((row["place"], f"{row['kind']}, {row['manner']}"), []).append(cell)
    for (place, what), cells in lines.items():
        table.add_row(place, what, *cells)
    return table


def _memory(rows: Sequence[dict[str, Any]]) -> Table:
    heads = ("its own MiB", "resident MiB", "whole container MiB")
    table = _table("memory of one zygote", ("where", "flavour"), heads)
    for row in rows:
        whole = NONE if row["container_mib"] is None else f"{row['container_mib']:.1f}"
        for zygote in row["zygotes"]:
            own, resident = f"{zygote['unique_mib']:.1f}", f"{zygote['resident_mib']:.1f}"
            table.add_row(row["place"], zygote["flavour"], own, resident, whole)
        if not row["zygotes"]:
            table.add_row(row["place"], "not to be seen", NONE, NONE, whole)
    return table


def _table(title: str, words: Sequence[str], numbers: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE, pad_edge=False)
    for name in words:
        table.add_column(name, no_wrap=True, vertical="bottom")
    for name in numbers:
        table.add_column(name, no_wrap=True, vertical="bottom", justify="right")
    return table


def _validation(figures: dict[str, Any]) -> str:
    return (
        f"validation L1 to L5 at level {figures['level']}: {figures['per_second']:.2f} candidates/s, "
        f"{figures['sandbox_cpu_milliseconds']} ms CPU in the sandbox's children and "
        f"{figures['host_cpu_milliseconds']} ms on the host per candidate, "
        f"{figures['requests_per_candidate']} requests each "
        f"({figures['passed']} of {figures['candidates']} passed)"
    )


def _rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _ratio(value: float | None) -> str:
    """A multiple, or for a small part one by how much."""
    if value is None:
        return NONE
    if value < 0.1:
        return f"1/{1 / value:,.0f}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
