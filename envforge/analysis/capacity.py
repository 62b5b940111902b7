"""How many different questions a level can ask, from the repeats in a sample."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Capacity:
    """An estimate of the number of different questions.

    With repeats in the sample it is Chao's estimator (Chao 1984, in its bias-corrected form): distinct ones, plus
    f1 (f1 - 1) / (2 (f2 + 1)) with f1 questions seen once and f2 seen twice. It is a lower bound in expectation when
    some questions are likelier than others. Without any repeat nothing bounds the number from above: then `open` is
    true, and the estimate is the number below which so many draws would have repeated with 95 % probability, were
    all questions equally likely (the birthday problem).
    """

    drawn: int
    distinct: int
    estimate: float
    open: bool


def capacity(questions: Sequence[Hashable]) -> Capacity:
    """The capacity of a level, from a sample of its questions; of an empty sample it is 0 and open."""
    counts = Counter(questions)
    drawn, distinct = len(questions), len(counts)
    if distinct == drawn:
        return Capacity(drawn, distinct, float(least_size(drawn)), True)
    once = sum(1 for count in counts.values() if count == 1)
    twice = sum(1 for count in counts.values() if count == 2)
    return Capacity(drawn, distinct, distinct + once * (once - 1) / (2 * (twice + 1)), False)


def least_size(draws: int, confidence: float = CONFIDENCE) -> int:
    """The least number of equally likely things of which `draws` are all different with probability at least
    1 - `confidence`."""

    def all_differ(size: int) -> float:
        return math.exp(math.fsum(math.log1p(-drawn / size) for drawn in range(draws)))

    if draws < 2:
        return draws
    low, high = draws, draws
    while all_differ(high) < 1 - confidence:
        low, high = high, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if all_differ(middle) >= 1 - confidence else (middle + 1, high)
    return low
