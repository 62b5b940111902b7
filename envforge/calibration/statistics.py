"""How sure a solve rate is, and whether it falls with the level. Pure functions of the scores."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import NormalDist

RESOLUTION = 1_000_000  # the trend test tells scores apart to a millionth
EXACT_STEPS = 500_000  # of counting (some tenths of a second); beyond it the test is asymptotic
EXACT_SCORES = 300  # beyond it the whole numbers of the counting are too long, and nothing is gained
EXACT_VALUES = 32  # different scores; more of them take more steps than that anyway


def wilson_interval(total: float, count: int, confidence: float) -> tuple[float, float]:
    """The Wilson score interval of a mean of `count` scores from 0 to 1 whose sum is `total`.

    Source: Wilson 1927. The sum stands for the number of successes. With scores of 0 and 1 alone that is the interval
    as published. Partial credit makes it conservative, that is too wide: no variable on [0, 1] with mean p varies
    more than the one that is 1 with probability p. Nothing measured: (0, 1).
    """
    if count == 0:
        return 0.0, 1.0
    rate = total / count
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    shrink = 1 + z * z / count
    centre = (rate + z * z / (2 * count)) / shrink
    half = z * math.sqrt(rate * (1 - rate) / count + (z / (2 * count)) ** 2) / shrink
    # The bounds enclose the rate; at 0 and at 1 they touch it, which rounding must not spoil.
    return max(0.0, min(rate, centre - half)), min(1.0, max(rate, centre + half))


def falling_trend(groups: Sequence[Sequence[float]]) -> float:
    """The one-sided p-value of "scores fall with the level"; `groups` holds the scores of each level, easiest first.

    ReSyn keeps an environment only if its solve rate falls with the level, and does not publish its test. Ours is
    the Cochran-Armitage test for a trend (Cochran 1954, Armitage 1955) in its permutation form. Null hypothesis: the
    level does not matter, so every way of dealing the scores to the levels is equally likely. Alternative: higher
    levels score less. Statistic: the sum of score times rank of the level, ranks 0, 1, 2, ...: levels are an order,
    their distances mean nothing. The p-value is the share of all ways whose statistic is no larger than the one
    found. Ties count in full, so equal scores, or a single level, give 1.0: no evidence.

    Small samples are counted out exactly: zeros and ones on eight instances of each of ten levels still are small.
    Where that takes more than EXACT_STEPS, with many different scores or hundreds of them, the normal approximation
    with the permutation's own mean and variance takes its place. No exact p-value is below the share of a single
    way: two levels of three instances cannot give less than 1/20.
    """
    scores = [round(score * RESOLUTION) for group in groups for score in group]
    sizes = [len(group) for group in groups]
    ranks = [rank for rank, size in enumerate(sizes) for _ in range(size)]
    found = sum(rank * score for rank, score in zip(ranks, scores))
    if len(set(ranks)) < 2 or len(set(scores)) < 2:
        return 1.0
    ways = _ways(Counter(scores), sizes, found)
    return ways if ways is not None else _asymptotic(ranks, scores, found)


def _ways(scores: Counter[int], sizes: Sequence[int], found: int) -> float | None:
    """The share of ways to deal `scores` to levels of `sizes` with a statistic up to `found`; None if too many.

    Level by level: a state is what is left of each distinct score, and the statistic so far.
    """
    values = sorted(scores)
    if len(values) > EXACT_VALUES or sum(sizes) > EXACT_SCORES:
        return None
    states: dict[tuple[tuple[int, ...], int], int] = {(tuple(scores[value] for value in values), 0): 1}
    steps = 0
    for rank, size in enumerate(sizes):
        following: dict[tuple[tuple[int, ...], int], int] = {}
        for (left, statistic), number in states.items():
            for taken, weight in _hands(left, size):
                steps += len(values)
                if steps > EXACT_STEPS:
                    return None
                rest = tuple(a - b for a, b in zip(left, taken))
                total = statistic + rank * sum(value * some for value, some in zip(values, taken))
                key = rest, total
                following[key] = following.get(key, 0) + number * weight
        states = following
    counted = sum(number for (_, statistic), number in states.items() if statistic <= found)
    return counted / sum(states.values())


def _hands(left: tuple[int, ...], size: int) -> Iterator[tuple[tuple[int, ...], int]]:
    """Every choice of `size` items out of `left` of each kind, and in how many ways it can be made."""
    if len(left) == 1:
        if size <= left[0]:
            yield (size,), math.comb(left[0], size)
        return
    others = sum(left[1:])
    for some in range(max(0, size - others), min(left[0], size) + 1):
        weight = math.comb(left[0], some)
        for rest, ways in _hands(left[1:], size - some):
            yield (some, *rest), weight * ways


def _asymptotic(ranks: Sequence[int], scores: Sequence[int], found: int) -> float:
    """The normal approximation, from exact whole-number sums."""
    number = len(scores)
    # number * (sum of squared deviations), for both; the permutation variance divides by number - 1.
    spread = number * sum(rank * rank for rank in ranks) - sum(ranks) ** 2
    varied = number * sum(score * score for score in scores) - sum(scores) ** 2
    deviation = number * found - sum(ranks) * sum(scores)
    return NormalDist().cdf(deviation / math.sqrt(spread * varied / (number - 1)))
