"""How sure a rate is, and a difference of two. Pure functions without random numbers: same data, same interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, variance

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval. `value` is None, and the interval says nothing, where nothing was measured."""

    value: float | None
    low: float
    high: float


def pass_at_k(samples: int, passes: int, k: int) -> float:
    """The unbiased estimate that one of k responses is right, from `passes` of `samples` that were.

    Source: Chen et al. 2021 (arXiv 2107.03374, section 2.1): 1 - C(n - c, k) / C(n, k). Raises ValueError for
    k beyond `samples`, of which no unbiased estimate exists.
    """
    if not 1 <= k <= samples or not 0 <= passes <= samples:
        raise ValueError(f"no estimate of pass@{k} from {passes} of {samples} responses")
    return 1.0 - math.comb(samples - passes, k) / math.comb(samples, k)


def attempts(samples: int) -> tuple[int, ...]:
    """The k for which pass@k is shown: powers of two up to `samples`, and that itself."""
    return tuple(sorted({2**power for power in range(samples.bit_length())} | {samples}))


def wilson(rate: float, number: float) -> tuple[float, float]:
    """The Wilson score interval of a share `rate` of `number` trials (Wilson 1927), which need not be whole."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    shrink = 1 + z * z / number
    centre = (rate + z * z / (2 * number)) / shrink
    half = z * math.sqrt(rate * (1 - rate) / number + (z / (2 * number)) ** 2) / shrink
    # The bounds enclose the rate; at 0 and at 1 they touch it, which rounding must not spoil.
    return max(0.0, min(rate, centre - half)), min(1.0, max(rate, centre + half))


def estimate(values: Sequence[float], samples: int = 1) -> Estimate:
    """The mean of one value from 0 to 1 for each instance, each the mean of `samples` responses, with its interval.

    Instances are independent, responses to one instance are not. The interval is Wilson's with the number of
    independent trials that the values amount to. With one response that is the number of instances, and the interval
    is the published one. With several it is rate (1 - rate) over the variance of the mean, as Korn and Graubard
    (1998) do for clusters, with their correction for a variance that is itself estimated from few of them; but never
    less than the number of instances (nothing from 0 to 1 varies more than zeros and ones), nor more than that of
    responses. Unlike a bootstrap over instances that stays honest where all of them agree: eight of eight right is
    no proof of 1.
    """
    if not values:
        return Estimate(None, 0.0, 1.0)
    rate = min(1.0, max(0.0, fmean(values)))
    return Estimate(rate, *wilson(rate, _trials(values, rate, samples)))


def difference(
    before: Sequence[float], after: Sequence[float], samples: tuple[int, int] = (1, 1)
) -> Estimate:
    """By how much the mean rose from `before` to `after`, paired: place i of both belongs to the same instance.

    The interval is made of those of the two means and of the correlation of the pairs, by Newcombe's (1998) method
    10 for paired shares, which Zou and Donner (2008) carry over to any two intervals. It too does not shrink to
    nothing where every pair agrees. From -1 to 1; nothing measured: all of it.
    """
    if len(before) != len(after):
        raise ValueError(f"{len(before)} and {len(after)} values are no pairs")
    first, second = estimate(before, samples[0]), estimate(after, samples[1])
    if first.value is None or second.value is None:
        return Estimate(None, -1.0, 1.0)
    shared = _correlation(before, after)
    rise = second.value - first.value

    def reach(one: float, other: float) -> float:
        return math.sqrt(max(0.0, one * one - 2 * shared * one * other + other * other))

    low = rise - reach(second.value - second.low, first.high - first.value)
    high = rise + reach(second.high - second.value, first.value - first.low)
    return Estimate(rise, max(-1.0, low), min(1.0, high))


def _trials(values: Sequence[float], rate: float, samples: int) -> float:
    """The number of independent trials that the values of a rate amount to."""
    number = len(values)
    if samples == 1 or number < 4 or rate in (0.0, 1.0):
        return number
    spread = variance(values) / number
    if spread == 0.0:
        return number * samples
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    found = rate * (1 - rate) / spread * (z / _student(z, number - 1)) ** 2
    return max(float(number), min(found, float(number * samples)))


def _student(z: float, degrees: int) -> float:
    """The quantile of Student's t that belongs to the normal one `z` (Abramowitz and Stegun 26.7.5).

    Off by less than 0.02 at 95 % from 3 degrees of freedom on.
    """
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return z + math.fsum(term / degrees**power for power, term in enumerate(terms, 1))


def _correlation(before: Sequence[float], after: Sequence[float]) -> float:
    """That of the pairs, with Newcombe's correction, which takes half a pair off what they share: a handful of pairs
    that all agree does not show that pairs cannot differ. 0 where one side does not vary."""
    first, second = fmean(before), fmean(after)
    spread = math.sqrt(
        math.fsum((x - first) ** 2 for x in before) * math.fsum((y - second) ** 2 for y in after)
    )
    shared = math.fsum((x - first) * (y - second) for x, y in zip(before, after))
    if spread == 0.0:
        return 0.0
    corrected = max(0.0, shared - 0.5) if shared > 0 else shared
    return max(-1.0, min(1.0, corrected / spread))
