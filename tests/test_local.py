"""The transformers policy over a tiny random Llama, alone and behind a real server."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_server import Faults, ModelServer

from envforge.errors import UsageError
from envforge.policies import Completion, PolicyError, Request, Sampling
from envforge.policies.openai import OpenAIPolicy

pytest.importorskip("torch", reason="needs envforge[local]")
pytest.importorskip("transformers", reason="needs envforge[local]")

from tiny import tiny_model

from envforge.policies import local, smollm2
from envforge.policies.local import TransformersPolicy
from envforge.policies.weights import weights_version

HELLO = ({"role": "user", "content": "Hello"},)
LONG = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is 2 + 2? " * 20})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(scope="module")
def policy(folder: Path) -> Iterator[TransformersPolicy]:
    made = opened(folder)
    yield made
    made.close()


def opened(folder: Path, **options: Any) -> TransformersPolicy:
    return TransformersPolicy(str(folder), "transformers:tiny", dtype="float32", **options)


def ask(
    policy: Any, messages: Any = HELLO, n: int = 1, *, temperature: float | None = 1.0,
    top_p: float | None = None, max_tokens: int | None = 24, seed: int | None = 7,
) -> list[Completion]:  # fmt: skip
    """Completions, straight from the policy."""
    return policy.complete(Request("test/0", messages, Sampling(temperature, top_p, max_tokens, seed), n))


def same(one: Completion, other: Completion) -> bool:
    """Whether two completions are the same but for the last bits of their log-probabilities and who paid."""
    return (one.text, one.finish_reason, one.completion_tokens) == (
        other.text,
        other.finish_reason,
        other.completion_tokens,
    ) and one.logprobs == pytest.approx(other.logprobs, abs=1e-3)


# Draws


def test_a_completion_does_not_depend_on_its_batch(policy: TransformersPolicy) -> None:
    alone = [ask(policy, HELLO, 1, seed=seed)[0] for seed in range(8)]
    with ThreadPoolExecutor(16) as pool:
        noise = [pool.submit(ask, policy, LONG, 2, seed=100 + k, max_tokens=40) for k in range(4)]
        crowd = [pool.submit(ask, policy, HELLO, 1, seed=seed) for seed in range(8)]
        cold = [pool.submit(ask, policy, HELLO, 1, temperature=0.0, top_p=0.5) for _ in range(2)]
        together = [future.result()[0] for future in crowd]
        for future in (*noise, *cold):
            future.result()
    assert all(map(same, alone, together))
    assert len({one.text for one in alone}) == 8


def test_completion_i_is_the_same_whatever_n(policy: TransformersPolicy) -> None:
    five = ask(policy, n=5)
    assert all(map(same, five, ask(policy, n=2)))
    assert len({one.text for one in five}) == 5


def test_without_a_seed_nothing_repeats(policy: TransformersPolicy) -> None:
    assert len({one.text for _ in range(2) for one in ask(policy, n=2, seed=None)}) == 4


def forward(folder: Path, messages: Any, text: str) -> tuple[Any, list[int], int]:
    """Logits of a forward pass over prompt and text, by transformers alone; the tokens; the prompt's length."""
    import torch
    import transformers

    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    start = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    tokens = start + tokenizer(text, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        return model(torch.tensor([tokens])).logits[0].double(), tokens, len(start)


def test_temperature_0_is_greedy_and_the_logprobs_are_the_models(
    policy: TransformersPolicy, folder: Path
) -> None:
    (one,) = ask(policy, LONG, temperature=0.0)
    logits, tokens, start = forward(folder, LONG, one.text)
    assert one.prompt_tokens == start
    drawn = tokens[start:]
    assert drawn == logits[start - 1 : start - 1 + len(drawn)].argmax(dim=-1).tolist()
    assert same(one, ask(policy, LONG, temperature=0.0, seed=None)[0])


@pytest.mark.parametrize(("temperature", "top_p"), [(1.0, None), (0.5, 0.9), (3.0, 0.3)])
def test_logprobs_agree_with_a_forward_pass(
    policy: TransformersPolicy, folder: Path, temperature: float, top_p: float | None
) -> None:
    one = next(
        found
        for found in ask(policy, n=16, temperature=temperature, top_p=top_p, max_tokens=12)
        if found.finish_reason == "length"
    )
    logits, tokens, start = forward(folder, HELLO, one.text)
    expected = [
        float(logits[start - 1 + i].log_softmax(dim=-1)[token]) for i, token in enumerate(tokens[start:])
    ]
    assert one.logprobs == pytest.approx(expected, abs=1e-4)


def test_draws_follow_the_distribution_and_keep_to_the_nucleus(
    policy: TransformersPolicy, folder: Path
) -> None:
    logits, _, start = forward(folder, HELLO, "")
    shares = (logits[start - 1] / 0.7).softmax(dim=-1).sort(descending=True)
    size = int((shares.values.cumsum(dim=-1) < 0.6).sum()) + 1
    expected = shares.values[:size] / shares.values[:size].sum()
    raw = logits[start - 1].log_softmax(dim=-1)
    n = 512
    drawn = Counter(
        round((one.logprobs or (0.0,))[0], 3)
        for one in ask(policy, n=n, temperature=0.7, top_p=0.6, max_tokens=1)
    )
    wanted = {round(float(raw[token]), 3): float(share) for token, share in zip(shares.indices, expected)}
    for value, share in wanted.items():
        count = sum(times for seen, times in drawn.items() if abs(seen - value) < 0.0021)
        assert abs(count - n * share) < 5 * (n * share * (1 - share)) ** 0.5 + 2, (value, share, count)
    assert all(any(abs(seen - value) < 0.0021 for value in wanted) for seen in drawn), (
        "outside of the nucleus"
    )


@pytest.mark.parametrize("temperature", [1e-300, 1e-9, 1e300])
def test_extreme_temperatures_are_no_accident(policy: TransformersPolicy, temperature: float) -> None:
    (one,) = ask(policy, temperature=temperature)
    assert one.completion_tokens
    if temperature < 1:
        assert same(one, ask(policy, temperature=0.0)[0])


def test_counts_and_ends(policy: TransformersPolicy) -> None:
    short = ask(policy, max_tokens=5, n=4)
    assert {(one.finish_reason, one.completion_tokens) for one in short} <= {
        ("length", 5),
        *(("stop", k) for k in range(1, 6)),
    }
    assert [one.prompt_tokens for one in short] == [short[0].prompt_tokens, 0, 0, 0]
    long = ask(policy, max_tokens=2000, n=8)
    assert {one.finish_reason for one in long} == {"stop"}
    assert all(len(one.logprobs or ()) == one.completion_tokens for one in (*short, *long))
    assert all(len(one.text) + 1 == one.completion_tokens for one in long), (
        "the end is counted, and not shown"
    )


def test_limits_of_one_batch_differ(policy: TransformersPolicy) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = [pool.submit(ask, policy, max_tokens=k, seed=3) for k in range(1, 9)]
        texts = [future.result()[0].text for future in found]
    assert all(long.startswith(short) for short, long in zip(texts, texts[1:]))


def test_a_batch_too_large_for_the_memory_is_divided(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    sizes: list[int] = []
    generate = local.generate

    def limited(loaded: Any, rows: Any, closing: Any) -> Any:
        sizes.append(len(rows))
        if len(rows) > 2 or len(rows[0].prompt) > 200:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return generate(loaded, rows, closing)

    monkeypatch.setattr(local, "generate", limited)
    policy = opened(folder, rows=8)
    assert len({one.text for one in ask(policy, n=8)}) == 8
    assert max(sizes) > 2 >= min(sizes)
    with pytest.raises(PolicyError, match=r"too little memory for a request of \d+ tokens"):
        ask(policy, LONG)
    policy.close()


# What cannot be had


def test_context_is_a_limit(tmp_path: Path) -> None:
    policy = opened(tiny_model(tmp_path / "model", context=64))
    with pytest.raises(PolicyError, match=r"prompt is too long .* it has \d+ tokens, .* 64") as caught:
        ask(policy, LONG)
    assert not caught.value.fatal
    (one,) = ask(policy, max_tokens=None, temperature=0.0)
    assert (one.prompt_tokens or 0) + (one.completion_tokens or 0) <= 64
    policy.close()


def test_a_template_is_needed(tmp_path: Path) -> None:
    policy = opened(tiny_model(tmp_path / "model", template=None))
    for _ in range(2):
        with pytest.raises(
            PolicyError, match="no chat template: choose an instruction-tuned model"
        ) as caught:
            ask(policy)
        assert caught.value.fatal


def test_a_template_may_refuse(tmp_path: Path) -> None:
    template = "{{ raise_exception('only users may speak') }}"
    policy = opened(tiny_model(tmp_path / "model", template=template))
    with pytest.raises(PolicyError, match="refuses the messages: only users may speak"):
        ask(policy)
    policy.close()


def test_missing_models_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    empty = tmp_path / "empty"
    empty.mkdir()
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_text("{")
    for place, sentence in {
        str(tmp_path / "none"): "there is no model at ",
        str(empty): "it has no config.json",
        str(broken): "cannot read .*config.json",
        "nobody/nothing": r"is no folder here, nor to be had .*\(HF_HUB_OFFLINE is set\): .* hf download",
    }.items():
        policy = TransformersPolicy(place, f"transformers:{place}")
        with pytest.raises(PolicyError, match=sentence) as caught:
            ask(policy)
        assert caught.value.fatal and "\n" not in str(caught.value)
        with pytest.raises(PolicyError, match=sentence):
            _ = policy.version


def test_garbled_weights_are_one_sentence(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / "model.safetensors").write_bytes(b"nonsense")
    with pytest.raises(PolicyError, match="cannot load the model") as caught:
        ask(opened(copy))
    assert "\n" not in str(caught.value)


def test_a_setting_that_is_no_type() -> None:
    with pytest.raises(UsageError, match="ENVFORGE_DTYPE must be one of"):
        TransformersPolicy("x", "transformers:x", environ={"ENVFORGE_DTYPE": "int4"})


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'envforge\[local\]'"):
        TransformersPolicy("x", "transformers:x")
    with pytest.raises(UsageError, match=r"pip install 'envforge\[demo\]'"):
        smollm2.smollm2_policy()


def test_close_ends_what_is_being_drawn(folder: Path) -> None:
    policy = opened(folder)
    ask(policy, max_tokens=1)
    with ThreadPoolExecutor(1) as pool:
        # The likeliest of 40 completions of 30,000 tokens have not ended when it is closed.
        under_way = pool.submit(ask, policy, n=40, temperature=1e9, max_tokens=30_000)
        policy.close()
        with pytest.raises(PolicyError, match="closed"):
            under_way.result()
    with pytest.raises(PolicyError, match="closed"):
        ask(policy)


# Versions


def test_version_is_of_the_weights(folder: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    version = weights_version(folder)
    copy = shutil.copytree(folder, tmp_path / "elsewhere")
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "transformers_version": "9.9"}))
    assert weights_version(str(copy)) == version == opened(copy).version
    tensors = load_file(copy / "model.safetensors")
    tensors["model.layers.1.mlp.up_proj.weight"][3, 3] += torch.tensor(1e-3)
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    assert weights_version(copy) != version
    assert weights_version(tiny_model(tmp_path / "again")) == version
    assert weights_version(tiny_model(tmp_path / "other", seed=1)) != version


def test_large_files_are_sampled_at_both_ends_and_between(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    file = tmp_path / "model.safetensors"
    size = 64 * 1024 * 1024
    with file.open("wb") as stream:
        stream.truncate(size)
    seen = {weights_version(tmp_path)}
    for start in (0, size // 4, size // 2, size - 1):  # as a trained layer would, a stretch of 2 MB changes
        with file.open("r+b") as stream:
            stream.seek(start)
            stream.write(b"\1" * min(2 * 1024 * 1024, size - start))
        seen.add(weights_version(tmp_path))
    assert len(seen) == 5


# Behind a server


def test_a_server_that_runs_it_says_the_same(policy: TransformersPolicy) -> None:
    with ModelServer(policy) as server:
        client = OpenAIPolicy(server.url, "tiny", environ={}, logprobs=True)
        served = ask(client, n=3)
        straight = ask(policy, n=3)
        client.close()
    assert all(one.text == other.text for one, other in zip(served, straight))
    assert sum(one.tokens for one in served) == sum(one.tokens for one in straight)
    assert [len(one.logprobs or ()) for one in served] == [one.completion_tokens for one in straight]


def test_a_server_with_faults(policy: TransformersPolicy) -> None:
    faults = Faults(refuse=1, fail=frozenset({1}), truncate=frozenset({3}), empty=frozenset({4}))
    with ModelServer(policy, faults=faults) as server:
        client = OpenAIPolicy(server.url, "tiny", environ={}, max_retries=3)
        assert ask(client, max_tokens=4)[0].completion_tokens  # after a 429 and a 500
        assert server.counters.requests == 3
        with pytest.raises(PolicyError, match="JSON"):
            ask(client)
        assert ask(client)[0].text == ""
        with pytest.raises(PolicyError, match="answered 400: the prompt is too long"):
            ask(client, ({"role": "user", "content": "x" * 40_000},))
        client.close()
    assert server.counters.at_once == 1 and len(server.counters.busy) == server.counters.requests == 6


def test_a_server_that_dies_and_comes_back(policy: TransformersPolicy) -> None:
    with ModelServer(policy, faults=Faults(die_after=4)) as server:
        client = OpenAIPolicy(server.url, "tiny", environ={}, max_retries=0)
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda seed: _outcome(client, seed), range(12)))
        assert Counter(found) == {"answered": 4, "cannot be reached": 8}
        assert not server.alive
        server.start()
        assert _outcome(client, 0) == "answered"
        client.close()


def _outcome(client: OpenAIPolicy, seed: int) -> str:
    try:
        ask(client, max_tokens=4, seed=seed)
    except PolicyError as error:
        assert "cannot be reached" in str(error), error
        return "cannot be reached"
    return "answered"


def test_importing_the_policies_loads_no_model_library() -> None:
    modules = "envforge.cli, " + ", ".join(
        f"envforge.policies.{name}" for name in ("kinds", "local", "vllm", "smollm2")
    )
    heavy = "{'torch', 'transformers', 'vllm', 'openai', 'llama_cpp', 'gguf', 'numpy'}"
    code = f"import sys, {modules}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@given(st.lists(st.integers(1, 5_000), max_size=40))
def test_rows_of_like_length_are_drawn_together(lengths: list[int]) -> None:
    groups = local.alike(lengths)
    assert sorted(place for group in groups for place in group) == list(range(len(lengths)))
    for group in groups:
        inside = [lengths[place] for place in group]
        assert max(inside) <= max(2 * min(inside), local.SHORT)
    assert len(groups) <= 7  # 128, then doubling up to 5,000: a batch is not cut to pieces
