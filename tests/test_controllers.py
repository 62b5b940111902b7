"""The difficulty controllers: their properties, and how they do on simulated solvers.

`python tests/test_controllers.py` prints the figures of docs/pool.md.
"""

from __future__ import annotations

import json
import math
import random
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envforge.config import PoolConfig
from envforge.pool import CONTROLLERS, Outcome
from envforge.pool.bandit import BANDS, band_of, bands, levels_of, mean_advantage, softmax
from envforge.pool.streams import Stream

KINDS = sorted(CONTROLLERS)
MOVING = [kind for kind in KINDS if kind != "fixed"]
SIZE = 8  # rollouts per group
tops = st.integers(0, 14)
kinds = st.sampled_from(KINDS)
# Accuracies of a group, binary or not; the ends more often than chance would have it.
accuracies = st.one_of(st.sampled_from([0.0, 1.0, 0.5]), st.floats(0, 1))


@dataclass
class Walk:
    """Figures of one simulated environment."""

    levels: list[int]
    accuracies: list[float]
    live: list[bool]

    def late(self) -> Walk:
        """The last half."""
        half = len(self.levels) // 2
        return Walk(self.levels[half:], self.accuracies[half:], self.live[half:])

    @property
    def level(self) -> float:
        return sum(self.levels) / len(self.levels)

    @property
    def accuracy(self) -> float:
        return sum(self.accuracies) / len(self.accuracies)

    @property
    def ratio(self) -> float:
        """The effective-prompt ratio."""
        return sum(self.live) / len(self.live)


def walk(
    kind: str | int,
    groups: int,
    ability: float,
    gain: float = 0.0,
    top: int = 9,
    seed: int = 0,
    **changes: Any,
) -> Walk:
    """A solver that is right with chance 1 / (1 + exp(level - ability)), under a controller or at a fixed level.

    Its ability grows by `gain` with each live group.
    """
    config = PoolConfig(**changes)
    controller = CONTROLLERS[kind](config) if isinstance(kind, str) else None
    memory = controller.begin(top) if controller else {}
    chance = random.Random(seed)
    found = Walk([], [], [])
    for number in range(1, groups + 1):
        level = controller.level(memory, top, Stream(seed, number)) if controller else int(kind)
        right = 1 / (1 + math.exp(level - ability))
        scores = [float(chance.random() < right) for _ in range(SIZE)]
        accuracy = sum(scores) / SIZE
        if controller:
            outcome = Outcome(number, level, accuracy, mean_advantage(scores))
            memory = controller.learn(memory, top, outcome)
        found.levels.append(level)
        found.accuracies.append(accuracy)
        found.live.append(0 < accuracy < 1)
        ability += gain * found.live[-1]
    return found


@given(kinds, tops, st.lists(st.tuples(accuracies, st.booleans()), max_size=150), st.integers(0, 2**32))
def test_levels_are_in_range_and_memory_is_json(
    kind: str, top: int, story: list[tuple[float, bool]], seed: int
) -> None:
    """Whatever happens, stragglers from levels that were left included."""
    config = PoolConfig()
    controller = CONTROLLERS[kind](config)
    memory = controller.begin(top)
    for number, (accuracy, straggler) in enumerate(story, 1):
        level = controller.level(memory, top, Stream(seed, number))
        low, high = controller.span(memory, top)
        assert 0 <= low <= high <= top
        assert 0 <= level <= top
        assert kind != "window" or low <= level <= high < low + config.window_width
        outcome = Outcome(
            number, number % (top + 1) if straggler else level, accuracy, 2 * accuracy * (1 - accuracy)
        )
        before = json.dumps(memory)
        learned = controller.learn(memory, top, outcome)
        assert json.dumps(memory) == before, "a memory is never changed"
        assert controller.learn(json.loads(before), top, outcome) == learned
        assert json.loads(json.dumps(learned)) == learned
        assert learned["kind"] == kind
        memory = learned


@given(st.sampled_from(["window", "ladder"]), tops, st.integers(0, 2**32))
@settings(max_examples=30)
def test_perfect_solvers_reach_the_top_and_failing_ones_come_back(kind: str, top: int, seed: int) -> None:
    controller = CONTROLLERS[kind](PoolConfig())
    memory = controller.begin(top)
    number = 0
    for accuracy, goal in ((1.0, (top, top)), (0.0, (0, 0))):
        for _ in range(160 * (top + 1)):
            number += 1
            level = controller.level(memory, top, Stream(seed, number))
            memory = controller.learn(memory, top, Outcome(number, level, accuracy, 0.0))
        low, high = controller.span(memory, top)
        assert (high if accuracy else low, high) == goal


@pytest.mark.parametrize("width", [1, 2, 4, 30])
def test_a_window_of_any_width_climbs_and_falls(width: int) -> None:
    controller = CONTROLLERS["window"](PoolConfig(window_width=width))
    memory = controller.begin(9)
    spans = []
    for number in range(1, 2400):
        level = controller.level(memory, 9, Stream(1, number))
        memory = controller.learn(memory, 9, Outcome(number, level, float(number < 1200), 0.0))
        spans.append(controller.span(memory, 9))
    assert spans[1198] == (max(0, 9 - width + 1), 9)
    assert spans[-1] == (0, 0)
    assert all(abs(a[0] - b[0]) <= 1 and abs(a[1] - b[1]) <= 1 for a, b in zip(spans, spans[1:]))


def test_the_window_moves_at_its_thresholds() -> None:
    """Eight groups at the top with a mean of 0.9 raise it, as RLVE has it; seven do not, nor do other levels."""
    controller = CONTROLLERS["window"](PoolConfig())

    def after(memory: dict[str, Any], level: int, *values: float) -> dict[str, Any]:
        for value in values:
            memory = controller.learn(memory, 9, Outcome(1, level, value, 0.0))
        return memory

    begun = controller.begin(9)
    assert controller.span(after(begun, 0, *[0.9] * 7), 9) == (0, 0)
    assert controller.span(after(begun, 0, *[0.9] * 8), 9) == (0, 1)
    assert controller.span(after(begun, 0, *[0.89] * 20), 9) == (0, 0)
    assert controller.span(after(begun, 3, *[1.0] * 20), 9) == (0, 0)
    assert controller.span(after(begun, 0, *[0.0] * 50, *[0.9] * 8), 9) == (0, 1), "only the newest count"
    wide = {"kind": "window", "low": 2, "high": 5, "at_high": [], "at_low": []}
    assert controller.span(after(wide, 5, *[0.95] * 8), 9) == (3, 6)
    assert controller.span(after(wide, 2, *[0.1] * 8), 9) == (1, 4)
    assert controller.span(after(wide, 2, *[0.11] * 20), 9) == (2, 5)
    assert controller.span(after(wide, 5, *[0.0] * 20), 9) == (2, 5), "only its bottom lowers it"


def test_the_ladder_moves_at_its_thresholds() -> None:
    controller = CONTROLLERS["ladder"](PoolConfig())

    def level_after(start: int, at: int, *values: float) -> int:
        memory = {"kind": "ladder", "level": start, "newest": []}
        for value in values:
            memory = controller.learn(memory, 9, Outcome(1, at, value, 0.0))
        return controller.span(memory, 9)[0]

    assert level_after(3, 3, *[0.8] * 3) == 3
    assert level_after(3, 3, *[0.8] * 4) == 4
    assert level_after(3, 3, *[0.79] * 9) == 3
    assert level_after(3, 3, 0.0, 1.0, 0.8, 0.8, 0.8) == 4
    assert level_after(3, 1, *[1.0] * 9) == 3, "replayed levels do not count"
    assert level_after(3, 3, *[0.0] * 4) == 2
    assert level_after(3, 3, 0.0, 0.0, 0.0, 0.125) == 3
    assert level_after(9, 9, *[1.0] * 9) == 9


def test_the_ladder_replays_lower_levels() -> None:
    controller = CONTROLLERS["ladder"](PoolConfig())
    memory = {"kind": "ladder", "level": 4, "newest": []}
    levels = [controller.level(memory, 9, Stream(5, number)) for number in range(4000)]
    assert set(levels) == {0, 1, 2, 3, 4}
    assert sum(level < 4 for level in levels) / 4000 == pytest.approx(0.30, abs=0.03)


@given(st.integers(1, 30), st.integers(1, 30))
def test_the_mean_advantage_of_binary_scores(right: int, wrong: int) -> None:
    """The derivation in the module's text: 2 sqrt(p (1 - p))."""
    share = right / (right + wrong)
    assert mean_advantage([1.0] * right + [0.0] * wrong) == pytest.approx(2 * math.sqrt(share * (1 - share)))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_the_mean_advantage_is_bounded(scores: list[float]) -> None:
    assert 0 <= mean_advantage(scores) <= 1 + 1e-9
    assert mean_advantage([scores[0]] * 5) == 0


@given(st.integers(0, 40))
def test_bands_share_out_the_levels(top: int) -> None:
    assert [level for band in range(BANDS) for level in levels_of(band, top)] == list(range(top + 1))
    assert all(levels_of(band, top) for band in bands(top))
    assert band_of(top, top) == BANDS - 1 or top < BANDS


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.floats(0.0001, 100))
def test_softmax_is_a_distribution(worths: list[float], temperature: float) -> None:
    chances = softmax(worths, temperature)
    assert sum(chances) == pytest.approx(1)
    assert chances[worths.index(max(worths))] == max(chances)


def test_the_bandit_prefers_what_can_be_learned() -> None:
    found = walk("bandit", 600, ability=1.0, bandit_temperature=0.1).late()
    by_band = [sum(band_of(level, 9) == band for level in found.levels) for band in range(BANDS)]
    assert max(by_band[:2]) > 4 * by_band[3], by_band


@pytest.mark.parametrize("kind", MOVING)
def test_moderate_solvers_settle_at_moderate_accuracy(kind: str) -> None:
    """And more of their groups are live than at the easiest level, with which every run begins."""
    found, fixed = (
        [walk(choice, 600, ability=4.5, seed=seed).late() for seed in range(3)] for choice in (kind, 0)
    )
    assert 0.3 <= sum(one.accuracy for one in found) / 3 <= 0.9
    for one, easiest in zip(found, fixed):
        assert one.ratio > easiest.ratio + 0.2


@pytest.mark.parametrize("kind", MOVING)
def test_controllers_keep_up_with_a_solver_that_learns(kind: str) -> None:
    found, fixed = (walk(choice, 800, ability=0.0, gain=0.015) for choice in (kind, 0))
    assert found.late().ratio > fixed.late().ratio + 0.2
    assert found.late().level > walk(kind, 800, ability=0.0, gain=0.0).late().level


def main() -> None:
    """Three seeds of 800 groups; the figures are of the last half."""
    for title, ability, gain in (
        ("moderate, ability 4.5", 4.5, 0.0),
        ("learning, from 0 by 0.015", 0.0, 0.015),
    ):
        print(title)
        for kind in (*MOVING, 0, 4):
            walks = [walk(kind, 800, ability, gain, seed=seed).late() for seed in range(3)]
            level, accuracy, ratio = (
                sum(getattr(w, name) for w in walks) / 3 for name in ("level", "accuracy", "ratio")
            )
            name = kind if isinstance(kind, str) else f"fixed at level {kind}"
            print(
                f"  {name:20} mean level {level:4.1f}  accuracy {accuracy:.2f}  effective-prompt ratio {ratio:.2f}"
            )


if __name__ == "__main__":
    main()
