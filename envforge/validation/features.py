"""What can be measured of an instance, and which measure follows the difficulty most."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from envforge.contract import Instance
from envforge.sandbox.calls import state_text


@dataclass(frozen=True, slots=True)
class Trend:
    """The feature that differs most between low and high levels; `z` in standard errors (Mann-Whitney)."""

    feature: str
    z: float


def strongest_trend(levels: Sequence[Sequence[Instance]]) -> Trend:
    """Compare the lowest third of the levels with the highest third, feature by feature."""
    third = max(1, len(levels) // 3)
    low = [measures(instance) for level in levels[:third] for instance in level]
    high = [measures(instance) for level in levels[-third:] for instance in level]
    names = sorted({name for row in low + high for name in row})
    trends = [
        Trend(
            name, rank_difference([row.get(name, 0.0) for row in low], [row.get(name, 0.0) for row in high])
        )
        for name in names
    ]
    return max(trends, key=lambda trend: abs(trend.z))


def measures(instance: Instance) -> dict[str, float]:
    """Numbers that describe an instance: lengths, sizes, and per path of the state its values and counts."""
    text = state_text(instance.state)
    found: dict[str, float] = {
        "prompt length": len(instance.prompt),
        "state length": len(text),
        "state entropy": len(zlib.compress(text.encode("utf-8", "replace"))),
        "reference length": len(instance.reference),
    }
    try:
        found["reference value"] = float(instance.reference)
    except (ValueError, OverflowError):
        pass
    sums: dict[str, list[float]] = {}
    _collect(instance.state, "state", sums)
    for path, values in sums.items():
        found[f"{path} count"] = len(values)
        found[f"{path} mean"] = sum(values) / len(values)
        found[f"{path} largest"] = max(values)
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _collect(node: Any, path: str, sums: dict[str, list[float]]) -> None:
    if isinstance(node, dict):
        for key in list(node)[:40]:
            _collect(node[key], f"{path}.{key}" if len(node) <= 12 else f"{path}.*", sums)
    elif isinstance(node, list):
        sums.setdefault(f"{path} size", []).append(float(len(node)))
        for value in node:
            _collect(value, f"{path}[]", sums)
    elif isinstance(node, str):
        sums.setdefault(f"{path} length", []).append(float(len(node)))
    elif isinstance(node, int | float):
        sums.setdefault(path, []).append(min(1e300, max(-1e300, float(node) if abs(node) < 1e300 else 1e300)))


def rank_difference(low: Sequence[float], high: Sequence[float]) -> float:
    """Mann-Whitney's U as a z value with correction for ties; positive when `high` is larger."""
    ordered = sorted([(value, 0) for value in low] + [(value, 1) for value in high])
    ranks_of_high, ties, start = 0.0, 0.0, 0
    while start < len(ordered):
        end = start
        while end < len(ordered) and ordered[end][0] == ordered[start][0]:
            end += 1
        rank = (start + end + 1) / 2
        ranks_of_high += rank * sum(group for _, group in ordered[start:end])
        ties += (end - start) ** 3 - (end - start)
        start = end
    n, m = len(low), len(high)
    total = n + m
    spread = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
    if spread <= 0:
        return 0.0
    return (ranks_of_high - m * (m + 1) / 2 - n * m / 2) / math.sqrt(spread)
