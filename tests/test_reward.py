"""The generator's reward: a table of cases, and what holds for every proposal and every configuration."""

from __future__ import annotations

import math
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envforge.config import RewardConfig
from envforge.errors import ConfigError
from envforge.reward import bounds, generator_reward, novelty_factor, quality
from envforge.verdict import Stage, Verdict

DEFAULT = RewardConfig()
GATES = (Stage.PROPOSAL, Stage.L1, Stage.L2, Stage.L3, Stage.L4, Stage.L5, Stage.PICTURE, Stage.NOVELTY)
SIGMA_AWAY = math.exp(-0.5)

shares = st.floats(0.0, 1.0)
rates = st.none() | shares
similarities = st.none() | shares
stages = st.sampled_from(list(Stage))
verdict_lists = st.lists(st.builds(Verdict, stages, st.booleans()), max_size=10)
later = st.builds(Verdict, st.sampled_from([Stage.REVIEW, Stage.CALIBRATION]), st.booleans(), st.text())


@st.composite
def configurations(draw: st.DrawFn) -> RewardConfig:
    """Any configuration that the table [reward] may hold."""
    values = {f.name: draw(st.floats(f.metadata["low"], f.metadata["high"])) for f in fields(RewardConfig)}
    low, high = sorted((values["novelty_low"], values["novelty_high"]))
    return RewardConfig(**{**values, "novelty_low": low, "novelty_high": high})


def until(stage: Stage) -> list[Verdict]:
    """The verdicts of a candidate that fails first at `stage`."""
    order = list(Stage)
    before = [Verdict(one, True) for one in order[1 : order.index(stage)]]
    return [*before, Verdict(stage, False, "because")]


def passed(*more: Verdict) -> list[Verdict]:
    return [*(Verdict(stage, True) for stage in GATES[1:]), *more]


@pytest.mark.parametrize(
    ("verdicts", "rate", "similarity", "value", "quality", "penalty"),
    [
        pytest.param(until(Stage.PROPOSAL), None, None, -1.0, 0.0, -1.0, id="nothing came"),
        pytest.param(until(Stage.L1), None, None, -0.5, 0.0, -0.5, id="L1"),
        pytest.param(until(Stage.L2), None, None, -0.25, 0.0, -0.25, id="L2"),
        pytest.param(until(Stage.L3), None, None, 0.0, 0.0, 0.0, id="L3"),
        pytest.param(until(Stage.L4), None, None, 0.0, 0.0, 0.0, id="L4"),
        pytest.param(until(Stage.L5), None, None, 0.0, 0.0, 0.0, id="L5"),
        pytest.param(until(Stage.PICTURE), None, None, 0.0, 0.0, 0.0, id="picture"),
        pytest.param(until(Stage.NOVELTY), 0.3, 0.9, 0.0, 0.0, 0.0, id="duplicate, though calibrated"),
        pytest.param(passed(), None, 0.1, 0.0, 0.0, 0.0, id="not calibrated"),
        pytest.param(passed(), 0.3, None, 4.35, 1.0, 0.0, id="at the target, like nothing else"),
        pytest.param(passed(), 0.3, 0.45, 1 + 3.5 * 0.2 + 5 * 0.35, 1.0, 0.0, id="where the weight begins"),
        pytest.param(passed(), 0.3, 0.55, 1 + 4.25 * 0.1 + 5 * 0.35, 1.0, 0.0, id="half way up"),
        pytest.param(passed(), 0.3, 0.65, 1 + 5 * 0.35, 1.0, 0.0, id="where the weight is full"),
        pytest.param(passed(), 0.3, 0.79, 1 + 5 * 0.21, 1.0, 0.0, id="nearly a duplicate"),
        pytest.param(passed(), 0.3, 1.0, 1.0, 1.0, 0.0, id="a copy that no gate caught"),
        pytest.param(passed(), 0.5, 1.0, SIGMA_AWAY, SIGMA_AWAY, 0.0, id="one sigma too easy"),
        pytest.param(passed(), 0.1, 1.0, SIGMA_AWAY, SIGMA_AWAY, 0.0, id="one sigma too hard"),
        pytest.param(
            passed(), 1.0, None, 4.35 * math.exp(-6.125), math.exp(-6.125), 0.0, id="solved every time"
        ),
        pytest.param(
            passed(Verdict(Stage.REVIEW, False)), 0.3, 1.0, 1.0, 1.0, 0.0, id="rejected by review only"
        ),
        pytest.param(
            passed(Verdict(Stage.CALIBRATION, False)), 0.3, 1.0, 1.0, 1.0, 0.0, id="calibration's own verdict"
        ),
    ],
)
def test_cases(
    verdicts: list[Verdict],
    rate: float | None,
    similarity: float | None,
    value: float,
    quality: float,
    penalty: float,
) -> None:
    reward = generator_reward(verdicts, rate, similarity, DEFAULT)
    assert reward.value == pytest.approx(value)
    assert reward.quality == pytest.approx(quality)
    assert reward.penalty == penalty
    assert reward.novelty == pytest.approx(value - quality - penalty)
    assert reward.parts


def test_parts_say_what_is_missing() -> None:
    assert "not calibrated" in generator_reward(passed(), None, 0.1, DEFAULT).parts[0]
    assert "nothing to compare" in generator_reward(passed(), 0.3, None, DEFAULT).parts[1]
    assert "L2" in generator_reward(until(Stage.L2), 0.3, None, DEFAULT).parts[0]


@given(verdict_lists, rates, similarities, configurations())
def test_bounded_and_the_sum_of_its_parts(
    verdicts: list[Verdict], rate: float | None, similarity: float | None, config: RewardConfig
) -> None:
    low, high = bounds(config)
    reward = generator_reward(verdicts, rate, similarity, config)
    assert low <= reward.value <= high * (1 + 1e-12)
    assert reward.value == pytest.approx(reward.penalty + reward.quality + reward.novelty)
    assert 0 <= reward.quality <= 1 and reward.novelty >= 0 and reward.penalty <= 0
    assert reward == generator_reward(list(verdicts), rate, similarity, config)


def test_bounds_are_reached() -> None:
    low, high = bounds(DEFAULT)
    assert (low, high) == (-1.0, pytest.approx(4.35))
    assert generator_reward(until(Stage.PROPOSAL), None, None, DEFAULT).value == low
    assert generator_reward(passed(), DEFAULT.target, None, DEFAULT).value == high


@given(shares, shares, similarities, configurations())
def test_falls_with_the_distance_from_the_target(
    one: float, two: float, similarity: float | None, config: RewardConfig
) -> None:
    near, far = sorted((one, two), key=lambda rate: abs(rate - config.target))
    assert quality(near, config) >= quality(far, config)
    rewards = [generator_reward(passed(), rate, similarity, config).value for rate in (near, far)]
    assert rewards[0] >= rewards[1]


@given(shares, shares, shares, configurations())
def test_never_rises_with_the_similarity(one: float, two: float, rate: float, config: RewardConfig) -> None:
    less, more = sorted((one, two))
    slack = 1e-9 * (1 + config.weight_low + config.weight_high)  # of rounding
    assert novelty_factor(less, config) >= novelty_factor(more, config) - slack
    rewards = [
        generator_reward(passed(), rate, similarity, config).value for similarity in (None, less, more)
    ]
    assert rewards[0] >= rewards[1] - slack and rewards[1] >= rewards[2] - slack


@given(st.floats(0.0, 1.0))
def test_constant_weight_is_the_plain_bonus(similarity: float) -> None:
    config = RewardConfig(weight_low=3.0, weight_high=3.0)
    assert novelty_factor(similarity, config) == pytest.approx(3.0 * (1 - similarity))


@given(st.floats(0.001, 0.999))
def test_price_of_similarity_is_the_weight(similarity: float) -> None:
    step = 1e-6
    slope = (novelty_factor(similarity - step, DEFAULT) - novelty_factor(similarity + step, DEFAULT)) / (
        2 * step
    )
    assert slope == pytest.approx(min(5.0, max(2.0, 2 + 15 * (similarity - 0.45))), abs=1e-3)


@given(rates, similarities, rates, similarities)
def test_a_later_failure_never_gets_less(
    rate: float | None, similarity: float | None, other_rate: float | None, other: float | None
) -> None:
    values = [generator_reward(until(stage), rate, similarity, DEFAULT).value for stage in GATES]
    values.append(generator_reward(passed(), other_rate, other, DEFAULT).value)
    assert values == sorted(values)


@given(verdict_lists, st.lists(later, max_size=6), rates, similarities, configurations(), st.randoms())
def test_reviews_and_the_verdict_of_calibration_change_nothing(
    verdicts: list[Verdict],
    added: list[Verdict],
    rate: float | None,
    similarity: float | None,
    config: RewardConfig,
    rng: object,
) -> None:
    mixed = [*verdicts, *added]
    rng.shuffle(mixed)  # type: ignore[attr-defined]
    without = [verdict for verdict in verdicts if verdict.stage in GATES]
    expected = generator_reward(without, rate, similarity, config)
    assert generator_reward(mixed, rate, similarity, config) == expected


@pytest.mark.parametrize("rate", [-0.1, 1.1, math.nan])
def test_refuses_what_is_no_rate(rate: float) -> None:
    with pytest.raises(ValueError, match="pass rate"):
        generator_reward(passed(), rate, None, DEFAULT)


def test_similarities_of_embeddings_may_stick_out() -> None:
    assert novelty_factor(-0.02, DEFAULT) == novelty_factor(0.0, DEFAULT)
    assert novelty_factor(1.0000001, DEFAULT) == 0.0


def test_crossed_thresholds_are_refused() -> None:
    config = RewardConfig(novelty_low=0.7, novelty_high=0.6)
    with pytest.raises(ConfigError, match="novelty_low"):
        bounds(config)
    with pytest.raises(ConfigError, match="novelty_low"):
        generator_reward(passed(), 0.3, 0.5, config)
