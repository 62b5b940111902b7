"""`bandit`: categories of problems as the arms of a non-stationary bandit (SEC, arXiv 2505.14970).

SEC's categories are levels or kinds of problems. Here an arm is a category (the bucket of a visual program, else the
first tag of a program) times a band of levels: a quarter of an environment's range, so that environments with
different numbers of levels share arms. What one environment teaches of an arm holds for all of its category.

An arm's worth follows Q <- alpha r + (1 - alpha) Q, from 0, where r is the mean absolute advantage in the group,
|x - m| / s averaged over its scores x with mean m and standard deviation s (over the group, not of a sample), and 0
when all are equal. For binary scores of which a share p is 1: p of the scores lie 1 - p from the mean and 1 - p of
them lie p from it, so the mean distance is p (1 - p) + (1 - p) p = 2 p (1 - p); s is sqrt(p (1 - p)); hence
r = 2 sqrt(p (1 - p)), which is 0 where nothing can be learned and at most 1, at p = 1/2.

Arms are drawn by softmax: chance proportional to exp(Q / temperature).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

from envforge.config import PoolConfig
from envforge.pool.controllers import ROUNDING, Draws, Memory, Outcome

BANDS = 4  # of levels; ours


def mean_advantage(scores: Sequence[float]) -> float:
    """The mean absolute advantage of a group of scores, 0 to 1, as the module's text derives it."""
    centre = sum(scores) / len(scores)
    deviation = math.sqrt(sum((score - centre) ** 2 for score in scores) / len(scores))
    if deviation <= ROUNDING:
        return 0.0
    return sum(abs(score - centre) for score in scores) / len(scores) / deviation


def band_of(level: int, top: int) -> int:
    """The band of a level, 0 to BANDS - 1. With fewer than BANDS levels some bands are empty."""
    return BANDS * level // (top + 1)


@functools.cache
def levels_of(band: int, top: int) -> tuple[int, ...]:
    """The levels of a band, none for an empty one."""
    return tuple(level for level in range(top + 1) if band_of(level, top) == band)


@functools.cache
def bands(top: int) -> tuple[int, ...]:
    """The bands that hold a level."""
    return tuple(sorted({band_of(level, top) for level in range(top + 1)}))


def softmax(worths: Sequence[float], temperature: float) -> list[float]:
    """Chances proportional to exp(worth / temperature)."""
    best = max(worths)
    powers = [math.exp((worth - best) / temperature) for worth in worths]
    total = sum(powers)
    return [power / total for power in powers]


class Bandit:
    """The worth of one category's bands. The pool draws category and band together (`envforge.pool.sampling`);
    `level` draws the band alone, for a category that has been chosen."""

    def __init__(self, config: PoolConfig) -> None:
        self._config = config

    def begin(self, top: int) -> Memory:
        return {"kind": "bandit", "worth": [0.0] * BANDS, "at": 0}

    def span(self, memory: Memory, top: int) -> tuple[int, int]:
        return 0, top

    def level(self, memory: Memory, top: int, stream: Draws) -> int:
        held = bands(top)
        chances = softmax([memory["worth"][band] for band in held], self._config.bandit_temperature)
        left, chosen = stream.share("band"), held[-1]
        for band, chance in zip(held, chances, strict=True):
            left -= chance
            if left < 0:
                chosen = band
                break
        return int(stream.pick("level", levels_of(chosen, top)))

    def learn(self, memory: Memory, top: int, outcome: Outcome) -> Memory:
        rate, worth = self._config.bandit_rate, list(memory["worth"])
        band = band_of(outcome.difficulty, top)
        worth[band] = rate * outcome.advantage + (1 - rate) * worth[band]
        return {"kind": "bandit", "worth": worth, "at": outcome.number}
