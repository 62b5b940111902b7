"""Masters: bfloat16 weights learn what they would lose, float32 weights are left to torch's own AdamW."""

from __future__ import annotations

import copy
import io
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from envforge.training import masters  # noqa: E402  (needs torch)
from envforge.training.masters import MasterAdamW, make_optimizer  # noqa: E402

SHAPES = ((7, 5), (5,), (3, 4, 2), (1,))


def weights(dtype: Any, seed: int = 0) -> list[Any]:
    stream = torch.Generator().manual_seed(seed)
    return [torch.nn.Parameter(torch.randn(shape, generator=stream).to(dtype)) for shape in SHAPES]


def push(parameters: list[Any], seed: int, scale: float = 1.0) -> None:
    """Give every parameter a gradient of its own."""
    stream = torch.Generator().manual_seed(1_000 + seed)
    for parameter in parameters:
        parameter.grad = (scale * torch.randn(parameter.shape, generator=stream)).to(parameter.dtype)


def reloaded(state: dict[str, Any]) -> dict[str, Any]:
    """A state after a round through a file, as a checkpoint makes it."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    buffer.seek(0)
    loaded: dict[str, Any] = torch.load(buffer, weights_only=True)
    return loaded


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_float32_is_bit_for_bit_torchs_adamw(decay: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masters, "_AT_ONCE", 40)  # so that several parts are stepped
    ours, theirs = weights(torch.float32), weights(torch.float32)
    one = make_optimizer(ours, 1e-2, decay)
    two = torch.optim.AdamW(theirs, lr=1e-2, weight_decay=decay)
    assert isinstance(one, MasterAdamW)
    for number in range(25):
        push(ours, number)
        push(theirs, number)
        if number % 5 == 0:  # parameters that take no part in a step keep their count
            ours[1].grad = theirs[1].grad = None
        one.step()
        two.step()
        assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))
    mine, its = one.state_dict()["state"], two.state_dict()["state"]
    assert mine.keys() == its.keys()
    for key, state in its.items():
        assert mine[key].keys() == state.keys()
        assert all(torch.equal(mine[key][name], state[name]) for name in state)


def test_bfloat16_follows_a_float32_twin_and_is_its_rounding() -> None:
    rounded = weights(torch.bfloat16)
    twins = [torch.nn.Parameter(parameter.detach().float()) for parameter in rounded]
    one, two = make_optimizer(rounded, 3e-3, 0.1), torch.optim.AdamW(twins, lr=3e-3, weight_decay=0.1)
    for number in range(30):
        push(rounded, number)
        for parameter, twin in zip(rounded, twins, strict=True):
            twin.grad = parameter.grad.float()
        one.step()
        two.step()
        for parameter, twin in zip(rounded, twins, strict=True):
            assert parameter.dtype is torch.bfloat16
            assert torch.equal(one.state[parameter]["master"], twin)
            assert torch.equal(parameter, twin.to(torch.bfloat16))


def test_steps_too_small_for_bfloat16_add_up() -> None:
    lost, kept = (torch.nn.Parameter(torch.ones(16, dtype=torch.bfloat16)) for _ in range(2))
    plain, ours = torch.optim.AdamW([lost], lr=1e-5, weight_decay=0.0), make_optimizer([kept], 1e-5)
    for _ in range(2_000):
        lost.grad = kept.grad = torch.full((16,), 0.5, dtype=torch.bfloat16)
        plain.step()
        ours.step()
    assert torch.equal(lost, torch.ones_like(lost))  # the trap: nothing was learned
    assert torch.allclose(kept.float(), torch.full((16,), 0.98), atol=0.004)  # 2,000 steps of 1e-5
    assert torch.allclose(ours.state[kept]["master"], torch.full((16,), 0.98), atol=1e-4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_a_learning_rate_of_0_changes_nothing(dtype: Any) -> None:
    parameters = weights(dtype)
    before = copy.deepcopy(parameters)
    optimizer = make_optimizer(parameters, 0.0, 0.1)
    for number in range(5):
        push(parameters, number, 100.0)
        optimizer.step()
    assert all(torch.equal(a, b) for a, b in zip(parameters, before, strict=True))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_resumed_run_is_bit_for_bit_the_one_that_went_on(dtype: Any) -> None:
    straight, first = weights(dtype), weights(dtype)
    one, two = make_optimizer(straight, 1e-3, 0.01), make_optimizer(first, 1e-3, 0.01)
    for number in range(10):
        for parameters, optimizer in ((straight, one), (first, two)):
            push(parameters, number)
            optimizer.step()
    # What a checkpoint holds: the weights in their own type, and the optimiser's state.
    second = [torch.nn.Parameter(parameter.detach().clone()) for parameter in first]
    state = reloaded(two.state_dict())
    three = make_optimizer(second, 9.0)  # the saved groups bring their learning rate along
    three.load_state_dict(state)
    for number in range(10, 20):
        for parameters, optimizer in ((straight, one), (second, three)):
            push(parameters, number)
            optimizer.step()
    assert all(torch.equal(a, b) for a, b in zip(straight, second, strict=True))
    for a, b in zip(straight, second, strict=True):
        assert one.state[a].keys() == three.state[b].keys()
        assert all(torch.equal(one.state[a][name], three.state[b][name]) for name in one.state[a])
    # What was loaded is a copy: going on has not changed the checkpoint.
    fresh = reloaded(two.state_dict())["state"]
    for key, saved in fresh.items():
        for name in ("exp_avg", "master") if dtype is torch.bfloat16 else ():
            assert torch.equal(saved[name], state["state"][key][name])


def test_a_state_without_masters_begins_them_at_the_weights() -> None:
    """A checkpoint that plain AdamW wrote can be gone on from."""
    parameters = weights(torch.bfloat16)
    plain = torch.optim.AdamW(parameters, lr=1e-3)
    push(parameters, 0)
    plain.step()
    ours = make_optimizer(parameters, 1e-3)
    ours.load_state_dict(reloaded(plain.state_dict()))
    before = [parameter.detach().float() for parameter in parameters]
    ours.param_groups[0]["lr"] = 0.0
    push(parameters, 1)
    ours.step()
    for parameter, old in zip(parameters, before, strict=True):
        state = ours.state[parameter]
        assert torch.equal(state["master"], old)
        assert state["exp_avg"].dtype is torch.float32
        assert float(state["step"]) == 2.0


def test_mixed_types_and_groups_with_a_schedule() -> None:
    """LoRA on a bfloat16 model has both types; a scheduler moves the rate of every group."""
    rounded, full = weights(torch.bfloat16), weights(torch.float32, seed=1)
    optimizer = make_optimizer([{"params": rounded}, {"params": full, "lr": 1e-2}], 1e-3)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=4)
    for number in range(4):
        push([*rounded, *full], number)
        optimizer.step()
        schedule.step()
    assert all(group["lr"] == 0.0 for group in optimizer.param_groups)
    assert all(optimizer.state[parameter]["master"].dtype is torch.float32 for parameter in rounded)
    assert not any("master" in optimizer.state[parameter] for parameter in full)


def test_masters_can_be_left_out() -> None:
    optimizer = make_optimizer(weights(torch.bfloat16), 1e-3, 0.1, masters=False)
    assert type(optimizer) is torch.optim.AdamW
    assert optimizer.param_groups[0]["weight_decay"] == 0.1


def test_through_the_trainers_checkpoint(tmp_path: Path) -> None:
    """10 steps, a checkpoint and 10 more are 20 steps, bit for bit, when transformers saves and loads."""
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")

    class Rows(torch.utils.data.Dataset):  # type: ignore[misc, unused-ignore]
        def __len__(self) -> int:
            return 64

        def __getitem__(self, place: int) -> dict[str, Any]:
            stream = torch.Generator().manual_seed(place)
            tokens = torch.randint(0, 16, (6,), generator=stream)
            return {"input_ids": tokens, "labels": tokens}

    def run(folder: Path, resume: str | None = None) -> dict[str, Any]:
        torch.manual_seed(0)
        config = transformers.LlamaConfig(
            vocab_size=16, hidden_size=8, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2
        )
        model = transformers.LlamaForCausalLM(config).to(torch.bfloat16)
        settings = transformers.TrainingArguments(
            output_dir=str(folder), max_steps=20, save_steps=10, per_device_train_batch_size=2, use_cpu=True,
            bf16=False, report_to=[], disable_tqdm=True, learning_rate=1e-4, lr_scheduler_type="constant",
        )  # fmt: skip
        optimizer = make_optimizer(model.parameters(), 1e-4)
        trainer = transformers.Trainer(model, settings, train_dataset=Rows(), optimizers=(optimizer, None))
        trainer.train(resume_from_checkpoint=resume)
        held = {f"weight {name}": value for name, value in model.state_dict().items()}
        for number, state in optimizer.state_dict()["state"].items():
            held |= {f"state {number} {name}": value for name, value in state.items()}
        return held

    whole = run(tmp_path / "whole")
    halves = run(tmp_path / "halves", str(tmp_path / "whole" / "checkpoint-10"))
    assert any(name.endswith("master") for name in whole)
    assert whole.keys() == halves.keys()
    assert all(torch.equal(value, halves[name]) for name, value in whole.items())
