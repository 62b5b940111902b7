"""Answers, seeds and configuration."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envforge.config import Config, as_dict, config_from, load_config
from envforge.contract import derive_seed, extract_answer, shares
from envforge.errors import ConfigError


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        ("so <answer>7</answer>", "7"),
        ("<answer>1</answer> no, <answer> 2 </answer> that", "2"),
        ("<answer>1</answer> then <answer>2", "1"),
        ("<answer>1 <answer>2</answer>", "2"),
        ("<answer>a\nb</answer>", "a\nb"),
        ("<answer></answer>", ""),
        (r"\boxed{1} and \boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        (r"\boxed{3} \boxed{4", "3"),
        (r"\boxed{3} <answer>5</answer>", "5"),
        ("the answer is 7", None),
        ("</answer>7<answer>", None),
        ("", None),
    ],
)
def test_extract_answer(response: str, answer: str | None) -> None:
    assert extract_answer(response) == answer


@given(st.text(), st.text(st.characters(codec="utf-8"), max_size=40))
def test_last_pair_wins(before: str, answer: str) -> None:
    if "answer>" not in answer:
        assert extract_answer(f"{before}<answer>{answer}</answer>") == answer.strip()


def test_long_hostile_responses_are_fast_enough_to_read() -> None:
    assert extract_answer("<answer>" * 20_000) is None
    assert extract_answer("\\boxed{" * 5_000) is None


@given(st.lists(st.one_of(st.text(max_size=8), st.integers()), min_size=1, max_size=4))
def test_seeds_are_in_range(parts: list[str | int]) -> None:
    assert 0 <= derive_seed(*parts) < 2**63


def test_seed_streams_are_apart() -> None:
    train = {derive_seed("train", "e", 3, i) for i in range(2000)}
    assert len(train) == 2000
    assert not train & {derive_seed("evaluation", "e", 3, i) for i in range(2000)}
    assert derive_seed("ab", "c") != derive_seed("a", "bc")


def test_shares() -> None:
    assert shares(["a", "b", "a", "a"]) == (0.5, 0.75)


def test_configuration_round_trip(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("[novelty]\nthreshold = 0.7\n[growth]\nproposals = 12\nadmit_uncalibrated = true\n")
    config = load_config(file)
    assert config.novelty.threshold == 0.7
    assert config.growth.proposals == 12
    assert config_from(as_dict(config), "x") == config
    assert load_config(None) == Config()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[novelti]\n", "did you mean 'novelty'"),
        ("[novelty]\ntreshold = 0.5\n", "did you mean 'threshold'"),
        ("[novelty]\nthreshold = 1.5\n", "from 0.0 to 1.0"),
        ("[novelty]\nthreshold = 'high'\n", "must be a number"),
        ("[growth]\nproposals = true\n", "whole number"),
        ("[growth]\nproposals = -1\n", "from 0"),
        ("[sandbox]\nuse = '7'\n", "one of best"),
        ("novelty = 3\n", "must be a table"),
        ("[novelty\n", "not valid TOML"),
    ],
)
def test_bad_configuration_is_named(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "c.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=words):
        load_config(file)


def test_missing_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        load_config(tmp_path / "none.toml")
