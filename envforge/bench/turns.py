"""Measuring in turns: A B C A B C ..., so that a noisy machine disturbs all ways alike.

What is compared is compared within a turn: a ratio is the median over the turns of the ratios of two ways in the
same turn, not the ratio of two medians.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from envforge.bench.places import Place
from envforge.bench.workload import MOST_CALLS


@dataclass(slots=True)
class Way:
    """One way to make one kind of call, and what was measured of it, turn by turn."""

    place: Place
    kind: str
    manner: str
    unit: int  # calls that are made together
    calls: int = 0  # per turn
    rates: list[float] = field(default_factory=list)  # calls per second
    cpu: list[float | None] = field(default_factory=list)  # seconds, all that is seen

    @property
    def rate(self) -> float:
        """Calls per second, the median."""
        return statistics.median(self.rates)

    @property
    def cpu_milliseconds(self) -> float | None:
        """CPU time per call, over all turns."""
        seen = [seconds for seconds in self.cpu if seconds is not None]
        return 1000 * sum(seen) / (self.calls * len(seen)) if len(seen) == len(self.cpu) else None

    def times(self, other: Way) -> float:
        """How many times as many calls per second as the other way makes."""
        return statistics.median(ours / theirs for ours, theirs in zip(self.rates, other.rates))


def ways(place: Place, kinds: Sequence[str], workers: int) -> list[Way]:
    """All ways to call at `place`; every worker gets a batch of its own."""
    found = []
    for manner, batch in place.manners:
        unit = batch * workers if batch > 1 else 1
        found += [Way(place, kind, manner, unit) for kind in kinds]
    return found


def measure(ways: Iterable[Way], turns: int, seconds: float) -> None:
    """Measure every way in every turn, each for about `seconds`."""
    ways = list(ways)
    for way in ways:
        way.calls = _calls(way, seconds)
    for _ in range(turns):
        for way in ways:
            _turn(way)


def _turn(way: Way) -> None:
    outside, here = way.place.cpu_seconds(), time.process_time()
    start = time.perf_counter()
    way.place.call(way.kind, way.manner, way.calls)
    wall = time.perf_counter() - start
    here, after = time.process_time() - here, way.place.cpu_seconds()
    way.rates.append(way.calls / wall)
    way.cpu.append(None if outside is None or after is None else here + after - outside)


def _calls(way: Way, seconds: float) -> int:
    """How many calls take about `seconds`. Trying it out warms up zygotes and the page cache."""
    count, most = way.unit, MOST_CALLS - MOST_CALLS % way.unit
    while True:
        start = time.perf_counter()
        way.place.call(way.kind, way.manner, count)
        wall = time.perf_counter() - start
        if wall >= seconds / 2 or count == most:
            wanted = int(count * seconds / wall)
            return min(most, max(way.unit, wanted - wanted % way.unit))
        count = min(most, 2 * count)
