"""What the prompts of a batch share is computed once, and the same tokens are drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import tiny_model

from envforge.policies import Request, Sampling
from envforge.policies import prefix as prefixes
from envforge.policies.local import TransformersPolicy
from envforge.policies.prefix import WORTH, padded, prompt_inputs, shared_prefix

TOKENS = st.lists(st.integers(0, 9), min_size=1, max_size=30)


@given(st.lists(TOKENS, min_size=1, max_size=6), TOKENS)
def test_all_prompts_begin_with_what_they_share(tails: list[list[int]], head: list[int]) -> None:
    prompts = [head + tail for tail in tails]
    shared = shared_prefix(prompts)
    assert all(prompt[:shared] == prompts[0][:shared] and len(prompt) > shared for prompt in prompts)
    if len(prompts) > 1 and len(head) >= WORTH:
        assert shared >= len(head)
    assert shared == 0 or shared >= WORTH


@settings(deadline=None)  # the first call loads torch
@given(st.lists(TOKENS, min_size=2, max_size=6))
def test_padding_stands_behind_what_is_shared(tails: list[list[int]]) -> None:
    prompts = [[7] * WORTH + tail for tail in tails]
    shared = shared_prefix(prompts)
    ids, mask = padded(prompts, 99, shared)
    for row, kept, prompt in zip(ids.tolist(), mask.tolist(), prompts):
        assert [token for token, real in zip(row, kept) if real] == prompt
        assert row[:shared] == prompt[:shared] and kept[-1] == 1
        assert all(token == 99 for token, real in zip(row, kept) if not real)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny") / "model")


def test_the_same_tokens_are_drawn(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = "You are asked for the last of several words, and nothing but that word. "
    asked = ("red green blue", "one two", "of all the words that were ever written down, the longest one")
    requests = [
        Request(f"r{number}", ({"role": "user", "content": head + text},), Sampling(0.9, 1.0, 24, 5), 2)
        for number, text in enumerate(asked)
    ]
    drawn = {}
    for sharing in (True, False):
        if not sharing:
            monkeypatch.setattr(prefixes, "shared_prefix", lambda _: 0)
        policy = TransformersPolicy(str(model), "tiny")
        try:
            drawn[sharing] = [[one.text for one in policy.complete(request)] for request in requests]
        finally:
            policy.close()
    assert drawn[True] == drawn[False]


def test_other_caches_are_left_alone(model: Path) -> None:
    import torch
    import transformers

    plain = transformers.AutoModelForCausalLM.from_pretrained(model)
    size = plain.config.vocab_size
    prompts = [[*range(20), 21, 22], [*range(20), 23]]
    with torch.no_grad():
        found = prompt_inputs(plain, prompts, 0, "cpu")
        assert found["past_key_values"].get_seq_length() == 20
        assert found["attention_mask"].tolist() == [[1] * 22, [1] * 20 + [0, 1]]
        config = transformers.MistralConfig(
            vocab_size=size, hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
            num_key_value_heads=2, sliding_window=8,
        )  # fmt: skip
        windows = transformers.MistralForCausalLM(config)
        found = prompt_inputs(windows, prompts, 0, "cpu")
    assert found["past_key_values"] is None
    assert found["attention_mask"].tolist() == [[1] * 22, [0] + [1] * 21]
