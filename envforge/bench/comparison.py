"""The comparison: which ways are measured against each other, and the figures that come of it."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from envforge.bench.gates import validation
from envforge.bench.memory import memory
from envforge.bench.places import IN_PROCESS, Place, Sandboxed, baselines, levels
from envforge.bench.turns import Way, measure, ways
from envforge.bench.workload import KINDS, Workload, workload
from envforge.sandbox import Level

BUBBLEWRAP = "bubblewrap per call"
GROWTH_MANNERS = ("single", "batch of 100")


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured."""

    turns: int
    seconds: float  # per way and turn
    growth: tuple[int, ...]  # numbers of workers that are compared
    gates: bool  # whether validation is measured


FULL = Effort(5, 0.4, (1, 2, 4), True)
QUICK = Effort(2, 0.02, (1, 2), False)


def compare(chosen: Sequence[Level], workers: int, effort: Effort) -> dict[str, Any]:
    """All figures, as JSON-ready data. What the machine does not give is in `missing`, with the reason."""
    work = workload()
    with ExitStack() as stack:
        places, missing = baselines(work)
        stack.callback(_close, places)
        had, refused = levels(list(chosen), workers, work)
        stack.callback(_close, had)
        missing.update(refused)
        found: list[Way] = []
        for place in (*places, *had):
            found += ways(place, KINDS, workers)
        measure(found, effort.turns, effort.seconds)
        local = max((place for place in had if not place.level.container), key=_level, default=None)
        figures = {
            "machine": _machine(workers),
            "turns": effort.turns,
            "missing": missing,
            "calls": [_row(way, found) for way in found],
            "memory": [memory(place) for place in had if place is local or place.level.container],
            "validation": validation(local.sandbox) if local and effort.gates else None,
        }
    grown = [place.level for place in had if place is local or place.level is Level.DOCKER]
    figures["growth"] = [row for level in grown for row in _growth(level, work, effort)]
    return figures


def _growth(level: Level, work: Workload, effort: Effort) -> list[dict[str, Any]]:
    """The same calls at one level with more and more workers, as ratios to one worker."""
    with ExitStack() as stack:
        found = []
        for workers in effort.growth:
            place = Sandboxed(level, workers, work)
            stack.callback(place.close)
            found.append([way for way in ways(place, KINDS, workers) if way.manner in GROWTH_MANNERS])
        measure([way for same in found for way in same], effort.turns, effort.seconds)
        return [
            {
                "place": way.place.name,
                "kind": way.kind,
                "manner": way.manner,
                "workers": workers,
                "calls_per_second": round(way.rate, 1),
                "times_one_worker": round(way.times(first), 3),
            }
            for workers, same in zip(effort.growth, found)
            for way, first in zip(same, found[0])
        ]


def _row(way: Way, all: Sequence[Way]) -> dict[str, Any]:
    def times(name: str) -> float | None:
        other = next((w for w in all if w.place.name == name and w.kind == way.kind), None)
        return float(f"{way.times(other):.4g}") if other else None

    cpu = way.cpu_milliseconds
    return {
        "place": way.place.name,
        "kind": way.kind,
        "manner": way.manner,
        "calls_per_turn": way.calls,
        "calls_per_second": round(way.rate, 1),
        "slowest_turn": round(min(way.rates), 1),
        "fastest_turn": round(max(way.rates), 1),
        "cpu_milliseconds": round(cpu, 4) if cpu is not None else None,
        "times_in_process": times(IN_PROCESS),
        "times_bubblewrap_per_call": times(BUBBLEWRAP),
    }


def _machine(workers: int) -> dict[str, Any]:
    import os

    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "python": platform.python_version(),
        "workers": workers,
    }


def _level(place: Sandboxed) -> Level:
    return place.level


def _close(places: Sequence[Place]) -> None:
    for place in places:
        place.close()
