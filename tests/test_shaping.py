"""The shaping plug-ins: cases worked out by hand, what holds for every input, and that the table tells the truth."""

from __future__ import annotations

import importlib
import math
import re
import statistics
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from envforge.config import Config, PoolConfig
from envforge.pool.bandit import mean_advantage
from envforge.recipe import Recipe, ShapingConfig
from envforge.shaping import SHAPERS, switched_on
from envforge.shaping.cuts import CutsProcessor, cuts_logits, explorers
from envforge.shaping.entropy import entropy_shaped
from envforge.shaping.floor import above_floor, scores_above_floor
from envforge.shaping.gradient import (
    exploration_scores,
    gradient_scales,
    gradient_shaped,
    sequence_features,
)
from envforge.shaping.overlong import overlong_penalty

torch = pytest.importorskip("torch")

DEFAULT = ShapingConfig()
PAGE = Path(__file__).resolve().parent.parent / "docs" / "shaping.md"
shares = st.floats(0.0, 1.0)
unhurried = settings(deadline=None)  # the first operation of a process takes torch a while
seeds = st.integers(0, 2**32 - 1)


def generator(seed: int) -> Any:
    return torch.Generator().manual_seed(seed)


# The table.


def test_all_are_off_by_default() -> None:
    assert switched_on(Recipe()) == ()


@pytest.mark.parametrize("name", SHAPERS)
def test_each_is_turned_on_by_the_option_it_names_and_by_nothing_else(name: str) -> None:
    one = SHAPERS[name]
    if one.table == "shaping":
        recipe = Recipe(shaping=replace(DEFAULT, **{one.option: one.value}))
    else:
        pool = replace(PoolConfig(), **{one.option: one.value})
        recipe = Recipe(config=replace(Config(), **{one.table: pool}))
    assert switched_on(recipe) == (name,)


@pytest.mark.parametrize("name", SHAPERS)
def test_each_has_the_module_and_the_entries_it_names(name: str) -> None:
    module = importlib.import_module(SHAPERS[name].module)
    assert all(callable(getattr(module, entry)) for entry in SHAPERS[name].entry)
    assert module.__doc__ is not None
    for number in re.findall(r"\d{4}\.\d{5}", SHAPERS[name].source):
        assert number in module.__doc__


def test_every_option_belongs_to_one_entry() -> None:
    named = [
        option
        for one in SHAPERS.values()
        for option in (*((one.option,) if one.table == "shaping" else ()), *one.constants)
    ]
    assert sorted(named) == sorted(field.name for field in fields(ShapingConfig))


@pytest.mark.parametrize("name", SHAPERS)
def test_each_is_documented(name: str) -> None:
    """A section with the title, the source, what turns it on, and every constant with its default."""
    one = SHAPERS[name]
    sections = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    found = [section for section in sections if section.startswith(f"`{name}`")]
    assert len(found) == 1, f"docs/shaping.md needs one section on {name}"
    said = " ".join(found[0].split())
    assert one.title in said.lower()
    assert all(number in said for number in re.findall(r"\d{4}\.\d{5}", one.source))
    value = "true" if one.value is True else f'"{one.value}"'
    assert f"`[{one.table}] {one.option} = {value}`" in said
    assert all(f"`{entry}`" in said for entry in one.entry)
    for constant in one.constants:
        assert f"| `{constant}` | {getattr(DEFAULT, constant):g} |" in said


def test_importing_the_plug_ins_imports_no_torch() -> None:
    modules = {one.module for one in SHAPERS.values()}
    code = f"import sys, {', '.join(sorted(modules))}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=120).returncode == 0


# DAPO: soft overlong punishment.


@pytest.mark.parametrize(
    ("tokens", "limit", "share", "penalty", "expected"),
    [
        (0, 20_480, 0.2, 1.0, 0.0),
        (16_384, 20_480, 0.2, 1.0, 0.0),
        (17_408, 20_480, 0.2, 1.0, -0.25),
        (18_432, 20_480, 0.2, 1.0, -0.5),
        (20_480, 20_480, 0.2, 1.0, -1.0),
        (20_481, 20_480, 0.2, 1.0, -1.0),
        (18_432, 20_480, 0.2, 0.5, -0.25),
        (20_480, 20_480, 0.2, 0.0, 0.0),
        (50, 100, 1.0, 2.0, -1.0),
        (1, 1, 0.2, 1.0, -1.0),
        (0, 1, 0.2, 1.0, 0.0),
    ],
)
def test_overlong(tokens: int, limit: int, share: float, penalty: float, expected: float) -> None:
    config = replace(DEFAULT, overlong_buffer=share, overlong_penalty=penalty)
    assert overlong_penalty(tokens, limit, config) == pytest.approx(expected, abs=1e-12)


@unhurried
@given(st.integers(1, 100_000), st.integers(0, 200_000), st.floats(0.01, 1.0), st.floats(0.0, 10.0))
def test_overlong_is_bounded_never_rises_and_is_whole_at_the_limit(
    limit: int, tokens: int, share: float, penalty: float
) -> None:
    config = replace(DEFAULT, overlong_buffer=share, overlong_penalty=penalty)
    value = overlong_penalty(tokens, limit, config)
    assert -penalty <= value <= 0
    assert overlong_penalty(tokens + 1, limit, config) <= value
    assert overlong_penalty(limit, limit, config) == pytest.approx(-penalty)
    if tokens <= limit - share * limit:
        assert value == 0


@pytest.mark.parametrize(("tokens", "limit"), [(-1, 10), (0, 0), (5, -1)])
def test_overlong_refuses_what_cannot_be(tokens: int, limit: int) -> None:
    with pytest.raises(ValueError, match="no such response"):
        overlong_penalty(tokens, limit, DEFAULT)


# The guess floor.


@pytest.mark.parametrize(
    ("accuracy", "floor", "expected"),
    [
        (0.0, 0.0, 0.0),
        (0.7, 0.0, 0.7),
        (0.5, 0.5, 0.0),
        (0.3, 0.5, 0.0),
        (0.75, 0.5, 0.5),
        (0.95, 0.5, 0.9),
        (1.0, 0.6, 1.0),
        (1.0, 1.0, 0.0),
    ],
)
def test_above_floor(accuracy: float, floor: float, expected: float) -> None:
    assert above_floor(accuracy, floor) == pytest.approx(expected)


@unhurried
@given(shares, shares, shares)
def test_above_floor_is_bounded_and_monotone(accuracy: float, other: float, floor: float) -> None:
    value = above_floor(accuracy, floor)
    assert 0 <= value <= accuracy
    low, high = sorted((accuracy, other))
    assert above_floor(low, floor) <= above_floor(high, floor)
    assert above_floor(accuracy, max(floor, other)) <= above_floor(accuracy, min(floor, other)) + 1e-12


@pytest.mark.parametrize(("accuracy", "floor"), [(1.1, 0.0), (-0.1, 0.0), (0.5, 1.5), (0.5, float("nan"))])
def test_above_floor_refuses_what_is_no_share(accuracy: float, floor: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        above_floor(accuracy, floor)


def test_scores_above_floor_by_hand() -> None:
    assert scores_above_floor([1, 1, 1, 0, None], 0.5) == pytest.approx([2 / 3, 2 / 3, 2 / 3, 0, None])
    assert scores_above_floor([1, 0], 0.5) == [0, 0]
    assert scores_above_floor([0, 0], 0.5) == [0, 0]
    assert scores_above_floor([None, None], 0.5) == [None, None]
    assert scores_above_floor([], 0.5) == []


@unhurried
@given(st.lists(st.none() | st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=12), shares)
def test_the_pool_hears_the_mean_above_the_floor_and_the_same_advantage(
    scores: list[float | None], floor: float
) -> None:
    told = scores_above_floor(scores, floor)
    assert [score is None for score in told] == [score is None for score in scores]
    before = [score for score in scores if score is not None]
    after = [score for score in told if score is not None]
    if not before:
        return
    assert all(0 <= score <= 1 for score in after)
    accuracy = above_floor(min(math.fsum(before) / len(before), 1.0), floor)
    assert math.fsum(after) / len(after) == pytest.approx(accuracy)
    if accuracy > 1e-6:
        assert mean_advantage(after) == pytest.approx(mean_advantage(before))


@unhurried
@given(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=2, max_size=12), st.floats(0.0, 0.6))
def test_taking_the_floor_off_all_rewards_changes_no_advantage(rewards: list[float], floor: float) -> None:
    def advantages(values: list[float]) -> list[float]:
        centre, spread = statistics.fmean(values), statistics.pstdev(values)
        return [(value - centre) / spread if spread > 1e-9 else 0.0 for value in values]

    lowered = [(reward - floor) / (1 - floor) for reward in rewards]
    assert advantages(lowered) == pytest.approx(advantages(rewards), abs=1e-6)


# MSSR: entropy-based advantage shaping.


def test_entropy_by_hand() -> None:
    """weight 0.4, cap 2: the smaller of 0.4 H and half of the advantage's size is added."""
    advantages = torch.tensor([1.0, -1.0, 0.0])
    entropies = torch.tensor([[0.0, 1.0, 5.0], [0.5, 1.25, 5.0], [1.0, 2.0, 3.0]])
    mask = torch.tensor([[1, 1, 1], [1, 1, 0], [1, 1, 1]])
    expected = torch.tensor([[1.0, 1.4, 1.5], [-0.8, -0.5, -1.0], [0.0, 0.0, 0.0]])
    torch.testing.assert_close(entropy_shaped(advantages, entropies, mask, DEFAULT), expected)


def test_entropy_takes_advantages_of_tokens() -> None:
    advantages = torch.tensor([[1.0, -2.0]])
    shaped = entropy_shaped(advantages, torch.tensor([[1.0, 1.0]]), torch.ones(1, 2), DEFAULT)
    torch.testing.assert_close(shaped, torch.tensor([[1.4, -1.6]]))


@unhurried
@given(seeds, st.integers(1, 5), st.integers(1, 7), st.floats(0.0, 100.0), st.floats(1.0, 1000.0))
def test_entropy_is_bounded_keeps_signs_and_ignores_masked_tokens(
    seed: int, rows: int, tokens: int, weight: float, cap: float
) -> None:
    chance = generator(seed)
    config = replace(DEFAULT, entropy_weight=weight, entropy_cap=cap)
    advantages = torch.randn(rows, generator=chance)
    entropies = 12 * torch.rand(rows, tokens, generator=chance)
    mask = torch.rand(rows, tokens, generator=chance) < 0.5
    shaped = entropy_shaped(advantages, entropies, mask, config)
    plain = advantages[:, None].expand(rows, tokens)
    added = shaped - plain
    assert shaped.shape == (rows, tokens)
    assert bool((shaped >= plain).all())
    assert bool((added <= plain.abs() / cap + 1e-5).all())
    assert bool((added <= weight * entropies + 1e-5).all())
    assert bool((shaped * plain >= 0).all())
    assert torch.equal(shaped[~mask], plain[~mask])
    elsewhere = torch.where(mask, entropies, torch.tensor(float("nan")))
    assert torch.equal(entropy_shaped(advantages, elsewhere, mask, config), shaped)
    more = entropy_shaped(advantages, entropies + 0.5, mask, config)
    assert bool((more >= shaped - 1e-6).all())


def test_no_gradient_flows_through_the_entropy() -> None:
    entropies = torch.rand(2, 3, requires_grad=True)
    advantages = torch.rand(2, requires_grad=True)
    assert not entropy_shaped(advantages, entropies, torch.ones(2, 3), DEFAULT).requires_grad


# G2RL: gradient features and reward scales.


def test_the_feature_of_one_token_by_hand() -> None:
    """Even chances among the rows (2, 0), (0, 4), of which the first was drawn: (2, 0) - (1, 2)."""
    head = torch.tensor([[2.0, 0.0], [0.0, 4.0]])
    features = sequence_features(torch.zeros(1, 1, 2), torch.tensor([[0]]), torch.ones(1, 1), head)
    torch.testing.assert_close(features, torch.tensor([[1.0, -2.0]]))


@settings(deadline=None, max_examples=40)
@given(seeds, st.floats(0.3, 3.0))
def test_the_feature_is_the_gradient_by_the_last_hidden_state(seed: int, temperature: float) -> None:
    """phi_t / temperature is the gradient of log p(y_t); Phi the mean over the tokens that count."""
    chance = generator(seed)
    rows, tokens, words, width = 3, 5, 11, 4
    head = torch.randn(words, width, generator=chance)
    hidden = torch.randn(rows, tokens, width, generator=chance, requires_grad=True)
    ids = torch.randint(words, (rows, tokens), generator=chance)
    mask = torch.rand(rows, tokens, generator=chance) < 0.7
    mask[:, 0] = True
    logits = hidden @ head.T
    chosen = torch.log_softmax(logits / temperature, -1).gather(2, ids[:, :, None]).squeeze(2)
    (gradient,) = torch.autograd.grad((chosen * mask).sum(), hidden)
    expected = temperature * gradient.sum(dim=1) / mask.sum(dim=1, keepdim=True)
    found = sequence_features(logits.detach(), ids, mask, head, temperature)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


def test_masked_tokens_never_matter_to_a_feature() -> None:
    chance = generator(0)
    logits, head = torch.randn(2, 4, 9, generator=chance), torch.randn(9, 3, generator=chance)
    ids, mask = torch.randint(9, (2, 4), generator=chance), torch.tensor([[1, 1, 0, 0], [0, 1, 1, 0]])
    before = sequence_features(logits, ids, mask, head)
    spoilt, other = logits.clone(), ids.clone()
    spoilt[mask == 0], other[mask == 0] = float("nan"), -100
    assert torch.equal(sequence_features(spoilt, other, mask, head), before)
    assert torch.equal(
        sequence_features(logits, ids, torch.zeros(2, 4), head), torch.zeros(2, 3)
    )  # no token at all


def test_a_head_is_multiplied_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = generator(1)
    logits, head = torch.randn(2, 3, 50, generator=chance), torch.randn(50, 6, generator=chance)
    ids, mask = torch.randint(50, (2, 3), generator=chance), torch.ones(2, 3)
    whole = sequence_features(logits, ids, mask, head)
    monkeypatch.setattr("envforge.shaping.gradient.SLICE", 7)
    torch.testing.assert_close(sequence_features(logits, ids, mask, head), whole)


def test_exploration_scores_by_hand() -> None:
    """Two alike and one at a right angle, all right: the alike explain each other with half of the weight."""
    features = torch.tensor([[1.0, 0.0], [3.0, 0.0], [0.0, 2.0]])
    found = exploration_scores(features, torch.ones(3))
    torch.testing.assert_close(found, torch.tensor([0.5, 0.5, 1.0]))
    # The third and the second are compared for the first: a right second one weighs e / (e + 1 / e) of the two.
    found = exploration_scores(features, torch.tensor([0.0, 1.0, 0.0]))
    weight = math.e / (math.e + 1 / math.e)
    torch.testing.assert_close(found, torch.tensor([1 - weight, 0.5, 1.0]))


def test_cosines_are_squared() -> None:
    """At 60 degrees the cosine is 1/2, of which a quarter is known."""
    features = torch.tensor([[1.0, 0.0], [0.5, math.sqrt(0.75)]])
    torch.testing.assert_close(exploration_scores(features, torch.ones(2)), torch.tensor([0.75, 0.75]))


def test_opposite_directions_count_as_known() -> None:
    features = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]])
    torch.testing.assert_close(exploration_scores(features, torch.ones(3)), torch.tensor([0.5, 0.5, 1.0]))


def test_gradient_scales_and_shaped_rewards_by_hand() -> None:
    """lambda 0.5: the newest gets 1.5, the most redundant 0.5; right is 1 and wrong -1 when they are multiplied."""
    features = torch.tensor([[1.0, 0.0], [3.0, 0.0], [0.0, 2.0]])
    right = torch.ones(3)
    torch.testing.assert_close(gradient_scales(features, right, DEFAULT), torch.tensor([0.5, 0.5, 1.5]))
    torch.testing.assert_close(
        gradient_shaped(features, right, DEFAULT), torch.tensor([0.75, 0.75, 1.25])
    )  # ((1 * f) + 1) / 2
    wrong = torch.zeros(3)
    torch.testing.assert_close(
        gradient_shaped(features, wrong, DEFAULT), torch.tensor([0.25, 0.25, -0.25])
    )  # ((-1 * f) + 1) / 2: new and wrong is punished more, a near miss less


@unhurried
@given(seeds, st.integers(1, 8), st.just(0.0) | st.floats(0.01, 1.0))
def test_scales_are_bounded_and_go_with_their_responses(seed: int, size: int, weight: float) -> None:
    chance = generator(seed)
    config = replace(DEFAULT, gradient_weight=weight)
    features = torch.randn(size, 5, generator=chance)
    rewards = torch.randint(2, (size,), generator=chance).float()
    scales = gradient_scales(features, rewards, config)
    assert scales.shape == (size,)
    assert bool((scales >= 1 - weight - 1e-6).all() and (scales <= 1 + weight + 1e-6).all())
    shaped = gradient_shaped(features, rewards, config)
    assert bool((shaped >= -weight / 2 - 1e-6).all() and (shaped <= 1 + weight / 2 + 1e-6).all())
    assert bool((shaped[rewards == 1] >= 0.5 - 1e-6).all() and (shaped[rewards == 0] <= 0.5 + 1e-6).all())
    scores = exploration_scores(features, rewards)
    assert bool((scores >= 0).all() and (scores <= 1).all())
    order = torch.randperm(size, generator=chance)
    torch.testing.assert_close(exploration_scores(features[order], rewards[order]), scores[order])
    if float(scores.max() - scores.min()) > 0.01:  # where rounding is not blown up to be seen
        moved = gradient_scales(features[order], rewards[order], config)
        torch.testing.assert_close(moved, scales[order], atol=1e-3, rtol=0)
        assert float(scales.max()) == pytest.approx(1 + weight)
        ranked = scales[scores.argsort()]
        assert bool((ranked[1:] >= ranked[:-1] - 1e-6).all())


@unhurried
@given(seeds, st.integers(1, 8), st.floats(0.01, 1000.0))
def test_equal_features_get_equal_scales(seed: int, size: int, length: float) -> None:
    chance = generator(seed)
    features = torch.randn(1, 64, generator=chance).repeat(size, 1) * length
    rewards = torch.rand(size, generator=chance)
    assert gradient_scales(features, rewards, DEFAULT).tolist() == [1.0] * size
    torch.testing.assert_close(gradient_shaped(features, rewards, DEFAULT), rewards)


def test_lengths_of_features_do_not_matter() -> None:
    chance = generator(2)
    features, rewards = torch.randn(6, 5, generator=chance), torch.tensor([1.0, 0, 1, 0, 1, 1])
    lengths = torch.tensor([1e-3, 1.0, 50.0, 7.0, 1e4, 0.2])
    torch.testing.assert_close(
        exploration_scores(features * lengths[:, None], rewards), exploration_scores(features, rewards)
    )


def test_a_response_that_moves_nothing_is_left_alone_and_is_no_reference() -> None:
    features = torch.tensor([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.0, 0.0]])
    rewards = torch.tensor([1.0, 1.0, 0.0, 1.0])
    scales = gradient_scales(features, rewards, DEFAULT)
    assert float(scales[3]) == 1.0
    scores = exploration_scores(features, rewards)
    torch.testing.assert_close(scores[:3], exploration_scores(features[:3], rewards[:3]))
    torch.testing.assert_close(scales[:3], gradient_scales(features[:3], rewards[:3], DEFAULT))
    assert gradient_scales(torch.zeros(3, 2), rewards[:3], DEFAULT).tolist() == [1.0] * 3


# Mixed-CUTS.


@pytest.mark.parametrize("size", range(1, 10))
def test_half_of_each_group_explores(size: int) -> None:
    assert len(explorers(size)) == size
    assert sum(explorers(size)) == size // 2


def logits_of(*chances: float) -> Any:
    return torch.log(torch.tensor([chances]))


@pytest.mark.parametrize(
    ("chances", "k", "threshold", "members"),
    [
        ((0.5, 0.3, 0.15, 0.05), 5, 0.03, {0, 1, 2, 3}),
        ((0.5, 0.3, 0.15, 0.05), 5, 0.1, {0, 1, 2}),
        ((0.5, 0.3, 0.15, 0.05), 2, 0.03, {0, 1}),
        ((0.05, 0.3, 0.15, 0.5), 2, 0.03, {1, 3}),
        ((0.96, 0.02, 0.01, 0.01), 5, 0.03, {0}),
        ((0.2, 0.4, 0.2, 0.2), 5, 0.5, {1}),  # none reaches the threshold: the likeliest
        ((0.5, 0.5, 0.0, 0.0), 5, 0.0, {0, 1}),  # what was forbidden stays so
        ((0.5, 0.25, 0.125, 0.125), 1, 0.0, {0}),
    ],
)
def test_cuts_by_hand(chances: tuple[float, ...], k: int, threshold: float, members: set[int]) -> None:
    found = cuts_logits(logits_of(*chances), torch.tensor([True]), k, threshold)[0]
    assert {place for place in range(len(chances)) if torch.isfinite(found[place])} == members
    assert len({float(found[place]) for place in members}) == 1


@unhurried
@given(seeds, st.integers(1, 6), st.integers(2, 20), st.integers(1, 25), shares, st.floats(0.1, 20.0))
def test_cuts_keeps_other_rows_and_draws_only_likely_tokens(
    seed: int, rows: int, words: int, k: int, threshold: float, spread: float
) -> None:
    chance = generator(seed)
    logits = spread * torch.randn(rows, words, generator=chance)
    logits[torch.rand(rows, words, generator=chance) < 0.1] = float("-inf")
    logits[:, 0] = 0.0
    chosen = torch.rand(rows, generator=chance) < 0.5
    before = logits.clone()
    found = cuts_logits(logits, chosen, k, threshold)
    assert torch.equal(logits, before)
    assert torch.equal(found[~chosen].view(torch.int32), before[~chosen].view(torch.int32))
    for row in torch.nonzero(chosen).flatten().tolist():
        inside = torch.isfinite(found[row])
        chances = torch.softmax(before[row], -1)
        assert 1 <= int(inside.sum()) <= k
        assert len(set(found[row][inside].tolist())) == 1
        assert float(chances[inside].min()) >= float(chances[~inside].max() if (~inside).any() else 0.0)
        assert bool((chances[inside] >= threshold).all()) or int(inside.sum()) == 1
        assert bool(torch.isfinite(before[row][inside]).all())


def test_draws_are_uniform_over_the_candidates() -> None:
    """20,000 draws among 4 of 6 tokens of very different chances, with a fixed seed: chi-square with 3 degrees of
    freedom exceeds 16.27 in one of 1,000 runs of a fair one."""
    logits = logits_of(0.8, 0.06, 0.05, 0.04, 0.03, 0.02)
    found = cuts_logits(logits, torch.tensor([True]), 4, 0.035)
    drawn = torch.multinomial(torch.softmax(found[0], -1), 20_000, replacement=True, generator=generator(7))
    counts = torch.bincount(drawn, minlength=6).tolist()
    assert counts[4:] == [0, 0]
    assert sum((count - 5_000) ** 2 / 5_000 for count in counts[:4]) < 16.27


def test_the_first_tokens_are_drawn_as_usual() -> None:
    config = replace(DEFAULT, cuts_warmup=2)
    processor = CutsProcessor(torch.tensor([True, False]), config)
    scores = torch.cat([logits_of(0.6, 0.3, 0.08, 0.02)] * 2)
    finite = []
    for length in range(10, 14):
        found = processor(torch.zeros(2, length, dtype=torch.long), scores)
        assert torch.equal(found[1], scores[1])
        finite.append(int(torch.isfinite(found[0]).sum()))
    assert finite == [4, 4, 3, 3]


def test_generate_draws_the_chosen_rows_among_the_likeliest(tmp_path: Path) -> None:
    """With a real model and transformers' own `generate`, at its own temperature."""
    transformers = pytest.importorskip("transformers")
    model = transformers.AutoModelForCausalLM.from_pretrained(tiny.tiny_model(tmp_path))
    config = replace(DEFAULT, cuts_k=3, cuts_threshold=0.01, cuts_warmup=2)
    chosen = torch.tensor([row % 4 >= 2 for row in range(32)])
    prompt = torch.arange(5, 12).repeat(32, 1)
    torch.manual_seed(0)
    made = model.generate(
        input_ids=prompt,
        attention_mask=torch.ones_like(prompt),
        logits_processor=transformers.LogitsProcessorList([CutsProcessor(chosen, config)]),
        generation_config=transformers.GenerationConfig(
            do_sample=True,
            temperature=0.5,
            top_k=0,
            top_p=1.0,
            max_new_tokens=6,
            min_new_tokens=6,
            pad_token_id=0,
            eos_token_id=0,
            output_scores=True,
            output_logits=True,
            return_dict_in_generate=True,
        ),
    )
    tokens = made.sequences[:, prompt.shape[1] :]
    for step, (scores, logits) in enumerate(zip(made.scores, made.logits, strict=True)):
        finite = torch.isfinite(scores)
        assert int(finite[~chosen].sum(1).min()) > 3
        if step < 2:
            assert int(finite[chosen].sum(1).min()) > 3
            continue
        logits[:, 0] = float("-inf")  # the end is forbidden before the processor sees the scores
        likeliest = logits[chosen].topk(3).indices
        assert int(finite[chosen].sum(1).max()) <= 3
        assert bool((likeliest == tokens[chosen, step, None]).any(1).all())
        assert {float(value) for value in scores[chosen][finite[chosen]]} == {0.0}
    assert len({tuple(row) for row in tokens[chosen].tolist()}) > 1
