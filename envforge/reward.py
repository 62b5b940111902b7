"""The generator's reward for one proposal, as a pure function. docs/rewards.md has the reasoning and the cases.

    value = penalty of the first failed gate                           a candidate that fails L1 to L5 or novelty
    value = Q(a) + Q(a) * B(s)                                         every other one

    Q(a) = exp(-(a - target)^2 / (2 sigma^2))                          quality (EvoEnv; sigma is ours)
    B(s) = integral of w(t) over t from s to 1                         novelty (the form is ours)
    w(t) = weight_low up to novelty_low, weight_high from novelty_high on, linear between (EvoEnv)

where a is the pass rate of the calibration and s the similarity to the nearest accepted environment. Reviews and the
verdict of the calibration gate change nothing (EvoEnv: reviews gate, and never enter a reward, or the generator would
learn to please the reviewer).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from envforge.config import RewardConfig
from envforge.errors import ConfigError
from envforge.verdict import Stage, Verdict

_PENALTIES = {  # the gates that count, in their order, and the option that says what failing one costs
    Stage.PROPOSAL: "no_program",
    Stage.L1: "failed_l1",
    Stage.L2: "failed_l2",
    Stage.L3: "failed_l3",
    Stage.L4: "failed_l4",
    Stage.L5: "failed_l5",
    Stage.PICTURE: "failed_picture",
    Stage.NOVELTY: "duplicate",
}


@dataclass(frozen=True, slots=True)
class Reward:
    """A reward and what it is made of: `value` = `penalty` + `quality` + `novelty`.

    `parts` says in one sentence each where the numbers come from.
    """

    value: float
    quality: float  # Q(a), 0 to 1; 0 for what failed or was not calibrated
    novelty: float  # Q(a) * B(s), at least 0
    penalty: float  # at most 0; 0 for what failed no gate that counts
    parts: tuple[str, ...]


def generator_reward(
    verdicts: Sequence[Verdict], rate: float | None, similarity: float | None, config: RewardConfig
) -> Reward:
    """The reward of a proposal with these verdicts.

    `rate` is the pass rate a of its calibration, 0 to 1, None when it was not calibrated; `similarity` that to the
    nearest accepted environment, 0 to 1, None when there was none. Raises ConfigError for impossible settings.
    """
    failed = {verdict.stage for verdict in verdicts if not verdict.passed}
    stage = next((stage for stage in _PENALTIES if stage in failed), None)
    if stage is not None:
        penalty = float(getattr(config, _PENALTIES[stage]))
        said = f"penalty {penalty:.2f}: {_PENALTIES[stage]}, the first gate that it failed is {stage.value}"
        return Reward(penalty, 0.0, 0.0, penalty, (said,))
    if rate is None:
        return Reward(0.0, 0.0, 0.0, 0.0, ("quality 0: not calibrated, and without quality no bonus",))
    good, factor = quality(rate, config), novelty_factor(similarity, config)
    bonus = good * factor
    nearest = "nothing to compare with" if similarity is None else f"nearest similarity {similarity:.2f}"
    return Reward(
        value=good + bonus,
        quality=good,
        novelty=bonus,
        penalty=0.0,
        parts=(
            f"quality {good:.2f}: pass rate {rate:.2f}, target {config.target:.2f}, sigma {config.sigma:.2f}",
            f"novelty {bonus:.2f}: quality times {factor:.2f}, {nearest}",
        ),
    )


def bounds(config: RewardConfig) -> tuple[float, float]:
    """The least and the greatest value that any proposal can get: the worst penalty (or 0), and 1 + B(0)."""
    penalties = [float(getattr(config, option)) for option in _PENALTIES.values()]
    return min(0.0, *penalties), 1.0 + novelty_factor(None, config)


def quality(rate: float, config: RewardConfig) -> float:
    """Q(a), 0 to 1: greatest where the pass rate is the target, the same on both sides of it (EvoEnv)."""
    if not 0.0 <= rate <= 1.0:
        raise ValueError(f"a pass rate is a number from 0 to 1, not {rate!r}")
    return math.exp(-((rate - config.target) ** 2) / (2 * config.sigma**2))


def novelty_factor(similarity: float | None, config: RewardConfig) -> float:
    """B(s), from B(0) for a candidate like nothing else down to 0 for a copy; never rises with the similarity.

    Embeddings can give similarities a little outside 0 to 1; they count as 0 and 1.
    """
    _check(config)
    low, high = config.novelty_low, config.novelty_high
    start = 0.0 if similarity is None else min(max(similarity, 0.0), 1.0)
    flat_low = config.weight_low * max(0.0, low - start)
    flat_high = config.weight_high * (1.0 - max(start, high))
    begin = min(max(start, low), high)  # of what is left of the slope, a trapezium
    slope = (_weight(begin, config) + config.weight_high) / 2 * (high - begin)
    return max(0.0, flat_low + slope + flat_high)


def _weight(similarity: float, config: RewardConfig) -> float:
    """w(t) for a similarity from novelty_low to novelty_high."""
    low, high = config.novelty_low, config.novelty_high
    share = (similarity - low) / (high - low) if high > low else 1.0
    return config.weight_low + share * (config.weight_high - config.weight_low)


def _check(config: RewardConfig) -> None:
    if config.novelty_low > config.novelty_high:
        raise ConfigError(
            f"[reward]: novelty_low ({config.novelty_low}) is above novelty_high ({config.novelty_high}); "
            "the bonus weight grows from the first to the second"
        )
