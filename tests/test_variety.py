"""Parts of L4: the search for leaks and the measure of difficulty."""

from __future__ import annotations

import random

import pytest

from envforge.contract import Instance
from envforge.validation.features import rank_difference, strongest_trend
from envforge.validation.leaks import find_leak
from envforge.validation.profiling import answer_shape, mask_numbers, profile_of, prompt_shingles


def levels(make: object, count: int = 48) -> list[list[Instance]]:
    """Ten levels of instances from `make(rng, difficulty) -> (prompt, reference)`."""
    found = []
    for difficulty in range(10):
        rng = random.Random(difficulty)
        found.append(
            [Instance("0" * 16, i, difficulty, {}, *make(rng, difficulty)) for i in range(count)]  # type: ignore[operator]
        )
    return found


def told(rng: random.Random, difficulty: int) -> tuple[str, str]:
    answer = rng.randint(10, 99)
    return f"Add {rng.randint(1, 99)} and {rng.randint(1, 99)}. (The answer is {answer}.)", str(answer)


def told_sometimes(rng: random.Random, difficulty: int) -> tuple[str, str]:
    prompt, answer = told(rng, difficulty)
    return (prompt if rng.random() < 0.1 else prompt.split("(")[0]), answer


def told_at_one_level(rng: random.Random, difficulty: int) -> tuple[str, str]:
    prompt, answer = told(rng, difficulty)
    return (prompt if difficulty == 6 else prompt.split("(")[0]), answer


def told_backwards(rng: random.Random, difficulty: int) -> tuple[str, str]:
    answer = rng.randint(1000, 9999)
    return f"Find the number with the checksum code {str(answer)[::-1]} as explained.", str(answer)


def always_first(rng: random.Random, difficulty: int) -> tuple[str, str]:
    values = [rng.randint(1, 999) for _ in range(6)]
    return f"Which of these did I think of: {values}?", str(values[0])


@pytest.mark.parametrize("make", [told, told_sometimes, told_at_one_level, told_backwards, always_first])
def test_leak_is_found(make: object) -> None:
    leak = find_leak(levels(make))
    assert leak is not None
    assert leak.evidence()["hits"] >= 6


def candidates(rng: random.Random, difficulty: int) -> tuple[str, str]:
    names = rng.sample(["Ann", "Bob", "Cleo", "Dan", "Eve"], 4)
    return f"Who of {', '.join(names)} stands left of all others?", rng.choice(names)


def listed(rng: random.Random, difficulty: int) -> tuple[str, str]:
    values = rng.sample(range(1000), 7)
    return f"Box weights: {values}. What is the median weight?", str(sorted(values)[3])


def small_numbers(rng: random.Random, difficulty: int) -> tuple[str, str]:
    values = [rng.randint(1, 6) for _ in range(8)]
    return f"Dice show {values}. How many differ from their left neighbour by one?", str(rng.randint(1, 6))


@pytest.mark.parametrize("make", [candidates, listed, small_numbers])
def test_naming_candidates_is_no_leak(make: object) -> None:
    assert find_leak(levels(make, 200)) is None


def test_trend_sees_difficulty_and_only_that() -> None:
    def grows(rng: random.Random, difficulty: int) -> tuple[str, str]:
        return "x" * (20 + difficulty + rng.randint(0, 9)), str(rng.randint(0, 9))

    def stays(rng: random.Random, difficulty: int) -> tuple[str, str]:
        return "x" * (20 + rng.randint(0, 9)), str(rng.randint(0, 9))

    assert strongest_trend(levels(grows)).z > 10
    assert strongest_trend(levels(grows)).feature == "prompt length"
    assert abs(strongest_trend(levels(stays)).z) < 3.5


def test_rank_difference() -> None:
    assert rank_difference([1, 1, 1], [1, 1]) == 0.0
    assert rank_difference([1, 2, 3], [4, 5, 6]) > 0
    assert rank_difference([4, 5, 6], [1, 2, 3]) == -rank_difference([1, 2, 3], [4, 5, 6])


def test_shapes_and_templates() -> None:
    assert mask_numbers("Sort [12, 7, 3] in 2 steps.") == "sort [#] in # steps."
    assert answer_shape("12, 7") == answer_shape("3, 55, 7, 1")
    assert answer_shape("red blue") == answer_shape("green blue red")
    assert prompt_shingles("Take 4 of 9 coins now") == prompt_shingles("take 17 of 3 coins now")


def test_profile_of_integers() -> None:
    def sums(rng: random.Random, difficulty: int) -> tuple[str, str]:
        return "What is the sum of the numbers?", str(rng.randint(-5, 5))

    sample = levels(sums)
    profile = profile_of(sample, [0.25] * 10)
    assert profile.answer_is_integer and profile.answer_range == (-5, 5)
    assert profile.guess_floors == (0.25,) * 10
