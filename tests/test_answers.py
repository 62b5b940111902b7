"""The family of wrong answers: none of them may mean the reference, and what counts as a spelling."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envforge.contract import MAX_ANSWER_CHARACTERS, Instance, Oracle
from envforge.validation.answers import draw_edits, light_answers, wrong_answers
from envforge.validation.spelling import same_meaning

EDITS = draw_edits(7, 60)


def instance(reference: str, prompt: str = "How much is it, in all, of the things shown here?") -> Instance:
    return Instance("0" * 16, 1, 0, {"a": 1}, prompt, reference)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("7", "+7"), ("7", "007"), ("-7", "-07"), ("7", " 7 "), ("7", "７"), ("42", "४२"), ("3.50", "3.5"),
        ("3", "3.0"), ("1e1", "10"), ("a b", "A  b"), ("1,2", "1 2"), ("0", "-0"), ("Red, Blue", "red blue"),
    ],
)  # fmt: skip
def test_spellings_mean_the_same(one: str, two: str) -> None:
    assert same_meaning(one, two) and same_meaning(two, one)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("7", "8"),
        ("7", "-7"),
        ("1 2", "2 1"),
        ("ab", "ba"),
        ("3.5", "35"),
        ("7", ""),
        ("7", "7 or 8"),
        ("1/2", "2/1"),
    ],
)
def test_other_values_do_not(one: str, two: str) -> None:
    assert not same_meaning(one, two)


@given(st.integers(-(10**40), 10**40), st.integers(-(10**40), 10**40))
def test_no_wrong_answer_has_the_value_of_an_integer_reference(value: int, other: int) -> None:
    for wrong in wrong_answers(instance(str(value)), instance(str(other)), Oracle.EQUALITY, EDITS):
        assert len(wrong.text) <= MAX_ANSWER_CHARACTERS
        wrong.text.encode("utf-8")
        try:
            assert int(wrong.text) != value, wrong
        except ValueError:
            pass


@given(st.lists(st.integers(0, 99), min_size=2, max_size=8))
def test_order_is_left_alone_where_the_prompt_frees_it(values: list[int]) -> None:
    reference = " ".join(map(str, values))
    free = instance(reference, "Which numbers are they? Give them in any order.")
    for wrong in wrong_answers(free, instance("1000 2000"), Oracle.EQUALITY, EDITS):
        try:
            tokens = [int(token) for token in wrong.text.split()]
        except ValueError:
            continue
        assert sorted(tokens) != sorted(values), wrong


def test_family_covers_what_the_gate_promises() -> None:
    family = {w.text: w.why for w in wrong_answers(instance("41"), instance("57"), Oracle.EQUALITY, EDITS)}
    assert {
        "",
        "nan",
        "inf",
        "None",
        "True",
        "42",
        "40",
        "-41",
        "57",
        "41 or 57",
        "40+1",
        "int('41')",
    } <= set(family)
    assert any("__import__" in text for text in family)
    assert any(len(text) == MAX_ANSWER_CHARACTERS for text in family)
    big = {w.text for w in wrong_answers(instance(str(2**80)), instance("5"), Oracle.EQUALITY, [])}
    assert str(2**80 + 1) in big and str(2**80 + 2**31) in big


def test_feasibility_meets_only_what_any_scorer_must_refuse() -> None:
    family = wrong_answers(instance("3 5 9"), instance("4 8"), Oracle.FEASIBILITY, EDITS)
    certain = {wrong.text for wrong in family if wrong.certain}
    assert "4 8" not in certain and "3 5 10" not in certain
    assert "3 5 9 or 4 8" in certain and "" in certain


def test_decimals_keep_their_tolerance() -> None:
    family = {w.text for w in wrong_answers(instance("3.14"), instance("9.99"), Oracle.EQUALITY, EDITS)}
    numbers = []
    for text in family:
        try:
            numbers.append(float(text))
        except ValueError:
            continue
    assert not [number for number in numbers if 0 < abs(number - 3.14) < 0.05]
    assert "3.24" in family


def test_light_family_is_small() -> None:
    assert 3 <= len(light_answers(instance("7"), instance("9"), Oracle.EQUALITY)) <= 6


def test_edits_are_the_same_for_the_same_seed() -> None:
    random.seed(1)
    first = draw_edits(3, 30)
    random.seed(2)
    assert draw_edits(3, 30) == first != draw_edits(4, 30)
    assert draw_edits(3, 0) == []
