"""The novelty gate without extras: what is too near, what is not, and what the verdict says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from envforge.config import NoveltyConfig
from envforge.contract import Flavour, LibraryEntry, Oracle, Profile, Program
from envforge.embedding import available, choose
from envforge.novelty import NoveltyGate, jaccard

sets = st.frozensets(st.integers(0, 30), max_size=20)


def program(id: str, code: range, signature: str = "") -> Program:
    return Program(
        id, "", f"Title {id}", ("a",), Oracle.EQUALITY, 9, Flavour.BARE, signature or id, frozenset(code)
    )


def profile(prompt: range) -> Profile:
    return Profile(True, (0, 9), (), (0.1,) * 10, frozenset(prompt), frozenset())


def entry(id: str, code: range, prompt: range, signature: str = "") -> LibraryEntry:
    return LibraryEntry(program(id, code, signature), profile(prompt), 0, frozenset({id}))


GATE = NoveltyGate(NoveltyConfig())


@given(sets, sets)
def test_jaccard_is_a_similarity(one: frozenset[int], two: frozenset[int]) -> None:
    assert 0.0 <= jaccard(one, two) == jaccard(two, one) <= 1.0
    assert jaccard(one, one) == (1.0 if one else 0.0)
    assert (jaccard(one, two) == 1.0) == (one == two and bool(one))


def test_empty_library_accepts() -> None:
    verdict = GATE.judge(program("a", range(10)), profile(range(10)), [])
    assert verdict.passed and verdict.evidence["measure"] == "structural"


def test_threshold_is_met_from_below() -> None:
    candidate = program("a", range(100)), profile(range(100))
    near = entry("b", range(10, 100), range(20, 90))  # 0.9 and 0.7: 0.80 exactly
    assert not GATE.judge(*candidate, [near]).passed
    further = entry("b", range(10, 100), range(20, 89))
    verdict = GATE.judge(*candidate, [further])
    assert verdict.passed and verdict.evidence["similarity"] < 0.8


def test_verdict_names_the_nearest_neighbour() -> None:
    library = [entry("far", range(50, 99), range(9)), entry("near", range(95), range(96))]
    verdict = GATE.judge(program("a", range(100)), profile(range(100)), library)
    assert not verdict.passed
    assert verdict.evidence["neighbour"] == "near" and "'Title near' (near)" in verdict.reason


def test_same_code_with_another_wording_is_no_new_program() -> None:
    verdict = GATE.judge(program("a", range(100)), profile(range(9)), [entry("b", range(99), range(50, 90))])
    assert not verdict.passed and "the code is that of" in verdict.reason


def test_same_signature_outweighs_everything() -> None:
    library = [entry("b", range(500, 600), range(50, 90), signature="same"), entry("c", range(100), range(9))]
    verdict = GATE.judge(program("a", range(100), "same"), profile(range(9)), library)
    assert (
        not verdict.passed and verdict.evidence["neighbour"] == "b" and "the same program" in verdict.reason
    )


def test_a_program_is_not_its_own_neighbour() -> None:
    assert GATE.judge(program("a", range(10)), profile(range(10)), [entry("a", range(10), range(10))]).passed


def test_without_the_extra_nothing_is_embedded() -> None:
    assert choose("off") is None
    if not available():
        assert choose("auto") is None
