"""Training: a toy model really learns from the live pool, and a run can be stopped, resumed and trusted."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import toys
from transcripts import build

from envforge.contract import derive_seed
from envforge.errors import SandboxError, UsageError
from envforge.recipe import Recipe, recipe_as_dict, recipe_from
from envforge.registry import Registry, StepRecord
from envforge.sandbox import Evaluator, Failure, Sandbox, Status
from envforge.training import TrainingStopped, TrainingSummary, train
from envforge.verdict import LevelResult

TIMES = {
    "seconds",
    "generation_seconds",
    "environment_seconds",
    "gates_seconds",
    "update_seconds",
    "environment_share",
}


class Witness:
    """A watcher that keeps what it is told, and may interrupt the run at a step."""

    def __init__(self, interrupt: int = 0, by: signal.Signals = signal.SIGINT) -> None:
        self.interrupt, self.by = interrupt, by
        self.results: dict[str, Sequence[LevelResult]] = {}
        self.notices: list[str] = []
        self.checkpoints: list[Path] = []
        self.steps: list[StepRecord] = []

    def begun(self, run: Any, folder: Path, start: int, steps: int) -> None:
        self.start = start

    def evaluating(self, name: str, responses: int) -> None:
        pass

    def evaluated(self, name: str, results: Sequence[LevelResult]) -> None:
        self.results[name] = results

    def stepped(self, step: StepRecord, steps: int) -> None:
        self.steps.append(step)
        if step.step == self.interrupt:
            os.kill(os.getpid(), self.by)

    def saved(self, folder: Path, step: int) -> None:
        self.checkpoints.append(folder)

    def notice(self, sentence: str) -> None:
        self.notices.append(sentence)


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toys.toy_model(tmp_path_factory.mktemp("toy"))


def recipe_of(toy: Path, **tables: dict[str, Any]) -> Recipe:
    """The toy recipe with the changes in `tables`."""
    data: dict[str, dict[str, Any]] = {
        "model": {"path": str(toy), "dtype": "float32"},
        "grpo": {"groups": 4, "group_size": 4, "learning_rate": 1e-3},
        "generation": {"solver_tokens": 6},
        "prompt": {"answer_line": False},
        "environments": {"folders": [str(file) for file in toys.TRAINED]},
        "evaluation": {"instances": 0},
        "logging": {"tensorboard": False},
        "schedule": {"steps": 4, "save_every": 100},
    }
    for name, options in tables.items():
        data[name] = data.get(name, {}) | options
    return recipe_from(data, "the test", toy)


def trained(
    recipe: Recipe,
    registry: Registry,
    sandbox: Sandbox,
    folder: Path,
    run: int | None = None,
    resume: Path | None = None,
    witness: Witness | None = None,
) -> tuple[int, TrainingSummary, Witness]:
    """One run, or its continuation; its number, what it came to and what was told."""
    witness = witness or Witness()
    number = run or registry.start_run(
        kind="train", proposer="toy", seed=0, config=recipe_as_dict(recipe), version="test", isolation="2"
    )
    summary = train(
        recipe, registry, sandbox, run=registry.run(number), folder=folder, watcher=witness, resume=resume
    )
    return number, summary, witness


def figures(registry: Registry, run: int) -> list[tuple[int, dict[str, float | None], tuple[Any, ...]]]:
    """All that a run recorded, times left out."""
    return [
        (step.step, {k: v for k, v in step.metrics.items() if k not in TIMES}, step.environments)
        for step in registry.steps(run)
    ]


def groups(registry: Registry) -> list[tuple[Any, ...]]:
    """The data order: every group that the pool counted."""
    return [
        (g.number, g.environment, g.difficulty, g.seed, g.accuracy, g.live)
        for g in registry.pool(10_000).newest
    ]


def test_a_toy_model_learns(toy: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    recipe = recipe_of(
        toy,
        grpo={"groups": 16, "group_size": 8, "learning_rate": 1e-3, "resample": 0},
        environments={"folders": [str(f) for f in toys.TRAINED], "held_out": [str(f) for f in toys.HELD_OUT]},
        evaluation={"instances": 64},
        pool={"controller": "window", "window_raise": 1.0},
        schedule={"steps": 60, "save_every": 60},
    )
    with Registry.open(tmp_path / "r.db", create=True) as registry:
        number, summary, witness = trained(recipe, registry, sandbox, tmp_path / "run")
        rows = registry.steps(number)
        drawn = groups(registry)
        held_out = set(registry.held_out())
        known = [(e.run, e.name) for e in registry.evaluations(number)]
    before = {r.title: r.accuracy for r in witness.results["before"] if r.split == "trained"}
    after = {r.title: r.accuracy for r in witness.results["after"] if r.split == "trained"}
    print(before, "->", after, f"in {summary.seconds:.0f} s")
    assert summary.ended == "finished" and summary.steps == 60 and len(rows) == 60
    assert sum(before.values()) / len(before) < 0.6  # type: ignore[arg-type]
    assert all(value > 0.9 for value in after.values())  # type: ignore[operator]
    assert rows[0].metrics["accuracy"] < 0.65 and rows[-1].metrics["accuracy"] > 0.8  # type: ignore[operator]
    # Held-out environments are measured and never trained on; seeds are new each time and none is an evaluation's.
    assert {r.subject for r in witness.results["after"] if r.split == "held-out"} == held_out
    assert len(held_out) == 1 and not held_out & {row[1] for row in drawn}
    seeds = {row[1:4] for row in drawn}
    assert len(seeds) == len(drawn) == 60 * 16
    assert not seeds & {
        (id, 0, derive_seed("evaluation", id, 0, i)) for id in {r[1] for r in drawn} for i in range(64)
    }
    assert known == [(number, "before"), (number, "after")]


def test_the_same_command_gives_the_same_run(toy: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        with Registry.open(tmp_path / f"{name}.db", create=True) as registry:
            number, _, _ = trained(recipe_of(toy), registry, sandbox, tmp_path / name)
            found.append((figures(registry, number), groups(registry)))
    assert found[0] == found[1]


def test_twenty_steps_equal_ten_and_ten(toy: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    recipe = recipe_of(toy, schedule={"steps": 20, "save_every": 5})
    found = []
    with Registry.open(tmp_path / "whole.db", create=True) as registry:
        number, _, _ = trained(recipe, registry, sandbox, tmp_path / "whole")
        found.append((figures(registry, number), groups(registry)))
    with Registry.open(tmp_path / "parts.db", create=True) as registry:
        number, summary, witness = trained(recipe, registry, sandbox, tmp_path / "parts", witness=Witness(10))
        assert summary.ended == "interrupted" and 10 <= summary.steps <= 11
        assert "stopping after this step" in witness.notices[-1]
        # The steps after the newest checkpoint were lost, as a power cut would have it.
        resume = tmp_path / "parts" / "checkpoint-10"
        _, summary, witness = trained(
            recipe, registry, sandbox, tmp_path / "parts", run=number, resume=resume
        )
        assert witness.start == 10 and summary.ended == "finished"
        found.append((figures(registry, number), groups(registry)))
    assert [row[0] for row in found[1][0]] == list(range(1, 21))
    assert found[0][1] == found[1][1]
    assert found[0][0] == found[1][0]


def test_dead_groups_cost_no_backward_pass_and_change_nothing(
    toy: Path, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from envforge.training.learner import Learner

    recipe = recipe_of(
        toy,
        grpo={"groups": 6, "group_size": 2, "micro_batch": 2, "resample": 0},
        schedule={"steps": 6, "save_every": 6},
    )
    known = Learner._teaches_nothing
    asked: list[bool] = []

    def spied(learner: Learner, inputs: dict[str, Any]) -> bool:
        asked.append(known(learner, inputs))
        return asked[-1]

    found = []
    for name, decide in (("skipped", spied), ("whole", lambda *_: False)):
        monkeypatch.setattr(Learner, "_teaches_nothing", decide)
        with Registry.open(tmp_path / f"{name}.db", create=True) as registry:
            number, _, witness = trained(recipe, registry, sandbox, tmp_path / name)
            weights = (witness.checkpoints[-1] / "model.safetensors").read_bytes()
            found.append((figures(registry, number), groups(registry), weights))
    assert len(asked) == 36 and {True, False} == set(asked)
    assert found[0] == found[1]


def test_groups_without_variance_are_drawn_anew_and_dropped(
    toy: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    recipe = recipe_of(toy, grpo={"resample": 2, "group_size": 2}, schedule={"steps": 3})
    with Registry.open(tmp_path / "r.db", create=True) as registry:
        number, _, _ = trained(recipe, registry, sandbox, tmp_path / "run")
        rows = registry.steps(number)
    for row in rows:
        m = row.metrics
        drawn, live, dead = m["groups"], m["live_groups"], m["dead_groups"]
        assert drawn == 4 + (m["resampled_groups"] or 0)  # type: ignore[operator]
        assert 0 <= dead <= 4 and live >= 4 - dead  # type: ignore[operator]
        assert dead == 0 or m["resample_rounds"] == 2
    assert any(row.metrics["resampled_groups"] for row in rows)


def test_a_sandbox_that_stays_dead_stops_the_run_with_a_checkpoint(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = recipe_of(toy, schedule={"steps": 8, "save_every": 100, "retries": 1})
    calls = 0
    real = Evaluator.scores

    def failing(self: Evaluator, *args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > 12:
            raise SandboxError("the sandbox did not start again: no room for it")
        return real(self, *args, **kwargs)

    with Sandbox() as sandbox, Registry.open(tmp_path / "r.db", create=True) as registry:
        number = registry.start_run(
            kind="train", proposer="toy", seed=0, config={}, version="test", isolation="2"
        )
        trained(recipe_of(toy, schedule={"steps": 1}), registry, sandbox, tmp_path / "first")  # plants
        monkeypatch.setattr(Evaluator, "scores", failing)
        with pytest.raises(TrainingStopped, match="did not start again") as stopped:
            trained(recipe, registry, sandbox, tmp_path / "run", run=number)
        done = len(registry.steps(number))
        assert 0 < done < 8 and stopped.value.checkpoint == tmp_path / "run" / f"checkpoint-{done}"
        monkeypatch.setattr(Evaluator, "scores", real)
        _, summary, _ = trained(
            recipe, registry, sandbox, tmp_path / "run", run=number, resume=stopped.value.checkpoint
        )
        assert summary.ended == "finished" and [s.step for s in registry.steps(number)] == list(range(1, 9))


def test_a_scorer_that_breaks_costs_the_solver_nothing(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure of the scorer is no score: the response is left out, and the environment is quarantined."""
    real = Evaluator.scores
    broken: list[str] = []

    def failing(self: Evaluator, program: Any, calls: Any, **options: Any) -> Any:
        values = real(self, program, calls, **options)
        if not broken or program.id in broken:
            broken[:] = [program.id]
            return [Failure(Status.RAISED, "it broke"), *values[1:]]
        return values

    recipe = recipe_of(toy, schedule={"steps": 2})
    with Sandbox() as sandbox, Registry.open(tmp_path / "r.db", create=True) as registry:
        trained(recipe_of(toy, schedule={"steps": 1}), registry, sandbox, tmp_path / "first")
        monkeypatch.setattr(Evaluator, "scores", failing)
        number, _, _ = trained(recipe, registry, sandbox, tmp_path / "run")
        assert registry.status(broken[0]) == "quarantined"
        first = registry.steps(number)[0]
        assert first.metrics["lost_responses"] and first.metrics["lost_responses"] >= 1
        last = registry.verdicts(broken[0])[-1].verdict
        assert not last.passed and "it broke" in last.reason and last.evidence["answer"]


def test_impossible_shares_are_refused(
    toy: Path, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "3")
    with (
        Registry.open(tmp_path / "r.db", create=True) as registry,
        pytest.raises(UsageError, match="multiple of the 3 processes"),
    ):
        trained(recipe_of(toy), registry, sandbox, tmp_path / "run")
    with Registry.open(tmp_path / "r.db", read_only=True) as registry:
        assert registry.environments() == []  # it was said before anything was examined


def test_a_scheduler_that_ends_the_run_leaves_a_checkpoint(
    toy: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    handler = signal.getsignal(signal.SIGTERM)
    with Registry.open(tmp_path / "r.db", create=True) as registry:
        witness = Witness(2, signal.SIGTERM)
        _, summary, _ = trained(recipe_of(toy), registry, sandbox, tmp_path / "run", witness=witness)
    assert summary.ended == "interrupted" and 2 <= summary.steps <= 3
    assert summary.checkpoint in witness.checkpoints
    assert signal.getsignal(signal.SIGTERM) is handler


def test_an_ignored_interrupt_stays_ignored(toy: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    """A shell ignores Ctrl-C for what it starts in the background; the run must not undo that."""
    recipe = recipe_of(toy, schedule={"steps": 3, "save_every": 3})
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Registry.open(tmp_path / "r.db", create=True) as registry:
            _, summary, _ = trained(recipe, registry, sandbox, tmp_path / "run", witness=Witness(1))
        assert summary.ended == "finished" and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, handler)


TWO = """
import json, os, sys
from pathlib import Path
sys.path[:0] = [{tests!r}]
from test_training import Witness, figures, groups
from envforge.recipe import recipe_from
from envforge.registry import Registry
from envforge.sandbox import Sandbox
from envforge.training import follow, train

recipe = recipe_from(json.loads(Path({recipe!r}).read_text()), "the test", Path("/"))
folder = Path({folder!r})
with Sandbox() as sandbox:
    if os.environ["RANK"] == "0":
        with Registry.open(folder / "r.db", create=True) as registry:
            number = registry.start_run(
                kind="train", proposer="toy", seed=0, config={{}}, version="test", isolation="2"
            )
            train(recipe, registry, sandbox, run=registry.run(number), folder=folder / "run", watcher=Witness())
    else:
        follow(recipe, sandbox, folder / "run")
import torch.distributed
torch.distributed.barrier()
torch.distributed.destroy_process_group()
"""


@pytest.mark.slow
def test_two_processes_train_on_the_data_of_one(toy: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    recipe = recipe_of(toy, grpo={"resample": 0, "learning_rate": 0.0}, schedule={"steps": 4})
    with Registry.open(tmp_path / "one.db", create=True) as registry:
        number, _, _ = trained(recipe, registry, sandbox, tmp_path / "one")
        one = [(step.step, step.metrics["groups"]) for step in registry.steps(number)]
        first = [row[:2] for row in groups(registry)[:4]]
        seeds = {row[1:4] for row in groups(registry)[:4]}
    file = tmp_path / "recipe.json"
    file.write_text(json.dumps(recipe_as_dict(recipe)))
    script = tmp_path / "two.py"
    script.write_text(TWO.format(tests=str(Path(__file__).parent), recipe=str(file), folder=str(tmp_path)))
    command = [
        sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2",
        "--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no", str(script),
    ]  # fmt: skip
    done = subprocess.run(
        command,
        env={**os.environ, "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    with Registry.open(tmp_path / "r.db") as registry:
        (run,) = registry.runs()
        assert [(step.step, step.metrics["groups"]) for step in registry.steps(run.id)] == one
        # The first step's tickets do not depend on what was answered, so they are the same ones.
        assert [row[:2] for row in groups(registry)[:4]] == first
        assert {row[1:4] for row in groups(registry)[:4]} == seeds
        assert len({row[1:4] for row in groups(registry)}) == 16


def test_two_roles_in_one_step(
    toy: Path, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs come from the recorded transcript, answers from the toy; advantages are computed again by hand."""
    from envforge.training.learner import Learner

    folder = tmp_path / "transcript"
    shutil.copytree(build.FOLDER, folder, ignore=shutil.ignore_patterns("0[1-9]*", "00[4-9]*"))
    build.build(tmp_path / "said.jsonl", folder)
    recipe = recipe_of(
        toy,
        grpo={"groups": 3, "group_size": 4, "resample": 0},
        generation={"generator_tokens": 64},
        roles={"generator_groups": 1, "generator_weight": 0.3, "policy": f"replay:{tmp_path / 'said.jsonl'}"},
        schedule={"steps": 1},
    )
    seen: list[tuple[list[list[float | None]], list[float], list[str]]] = []
    real = Learner._generate_and_score_completions

    def watched(self: Any, inputs: Any) -> Any:
        out = real(self, inputs)
        kinds = [type(task).__name__ for task in self.taken]
        seen.append(([list(rewards) for rewards in self._round.rewards], out["advantages"].tolist(), kinds))
        return out

    monkeypatch.setattr(Learner, "_generate_and_score_completions", watched)
    with Registry.open(tmp_path / "r.db", create=True) as registry:
        number, _, _ = trained(recipe, registry, sandbox, tmp_path / "run")
        (step,) = registry.steps(number)
        recorded = registry.proposals(number)
        admitted = {row.environment_id for row in recorded if row.outcome == "admitted"}
        members = {record.environment for record in registry.pool().members}
    ((rewards, advantages, kinds),) = seen
    assert sorted(kinds) == ["GeneratorTask", "SolverTask", "SolverTask"]
    for place, kind in enumerate(kinds):
        known = [reward for reward in rewards[place] if reward is not None]
        mean = sum(known) / len(known)
        spread = (sum((reward - mean) ** 2 for reward in known) / (len(known) - 1)) ** 0.5
        weight = 0.3 if kind == "GeneratorTask" else 1.0
        for reward, advantage in zip(rewards[place], advantages[place * 4 : place * 4 + 4]):
            expected = 0.0 if reward is None else weight * (reward - mean) / (spread + 1e-4)
            assert advantage == pytest.approx(expected, abs=2e-5)
        if kind == "GeneratorTask":
            assert spread > 0, "a group without variance shows nothing"
    assert [row.index for row in recorded] == [0, 1, 2, 3]
    assert step.metrics["proposals"] == 4 and step.metrics["admitted"] == len(admitted) > 0
    assert admitted <= members, "what was admitted joins the pool in the same run"
    assert step.metrics["met_L1"] and step.metrics["met_L1"] >= step.metrics["passed_L5"]  # type: ignore[operator]


def test_metrics_add_up(toy: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    with Registry.open(tmp_path / "r.db", create=True) as registry:
        number, _, _ = trained(
            recipe_of(toy, grpo={"resample": 1}, generation={"chunks": 2}),
            registry,
            sandbox,
            tmp_path / "run",
        )
        for step in registry.steps(number):
            m = step.metrics
            rows = step.environments
            assert sum(row.groups for row in rows) == m["groups"]
            total = sum((row.accuracy or 0) * row.responses for row in rows)
            assert math.isclose(total / sum(row.responses for row in rows), m["accuracy"])  # type: ignore[arg-type]
            parts = ("generation_seconds", "environment_seconds", "gates_seconds", "update_seconds")
            assert sum(m[name] or 0 for name in parts) == pytest.approx(m["seconds"], rel=0.01)
            assert m["entropy"] is not None and all(0 <= (row.entropy or 0) < 4 for row in rows)


def test_answers_alone_pass_the_head_and_nothing_changes(toy: Path) -> None:
    """Log-probabilities, entropies and gradients are those of TRL, which computes whole rows on a CPU."""
    import copy

    import torch
    import transformers
    from trl.trainer.utils import add_fused_lm_head

    from envforge.training.learner import answer_logps

    rows, width, keep = 6, 12, 5
    plain = transformers.AutoModelForCausalLM.from_pretrained(toy, dtype=torch.float32).train()
    whole = copy.deepcopy(plain)
    add_fused_lm_head(whole, temperature=0.7, outputs=("log_probs", "entropy"))
    chance = torch.Generator().manual_seed(3)
    ids = torch.randint(4, plain.config.vocab_size, (rows, width), generator=chance)
    mask = torch.ones_like(ids)
    mask[0, :4] = mask[3, :1] = 0  # padded on the left, as prompts are
    mask[1, -2:] = mask[4, -4:] = 0  # and on the right, as answers are
    for same in (1, 2):  # rows 1 and 2 share the prompt of row 0, padding included, and row 5 that of row 4
        ids[same, :-keep], mask[same, :-keep] = ids[0, :-keep], mask[0, :-keep]
    ids[5, :-keep] = ids[4, :-keep]
    weights = torch.randn(rows, keep, generator=chance)

    labels = ids.masked_fill(mask == 0, -100)
    labels[:, :-keep] = -100
    expected = whole(input_ids=ids, attention_mask=mask, labels=labels, fused_lm_head=True)
    (expected.log_probs[:, -keep:] * weights).sum().backward()
    passed: list[int] = []  # tokens that went through the model
    plain.model.register_forward_pre_hook(
        lambda _, args, given: passed.append(given["input_ids"].numel()), with_kwargs=True
    )
    prompt = width - keep
    for size, share, tokens in (
        (rows, False, rows * width),
        (rows, True, 3 * prompt + rows * keep),
        (4, True, (2 * prompt + 4 * keep) + (prompt + 2 * keep)),
        (1, True, rows * width),
    ):
        plain.zero_grad()
        passed.clear()
        logps, entropies, none = answer_logps(
            plain, ids, mask, keep, size, True, temperature=0.7, share=share
        )
        assert sum(passed) == tokens
        assert none is None and logps.shape == entropies.shape == (rows, keep)
        torch.testing.assert_close(logps, expected.log_probs[:, -keep:], rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(entropies, expected.entropy[:, -keep:], rtol=1e-4, atol=1e-5)
        assert (logps[mask[:, -keep:] == 0] == 0).all() and (logps < 0).sum() == mask[:, -keep:].sum()
        (logps * weights).sum().backward()
        for (name, own), (_, other) in zip(plain.named_parameters(), whole.named_parameters()):
            rounding = 1e-6 * float(other.grad.abs().max())
            torch.testing.assert_close(own.grad, other.grad, rtol=1e-3, atol=rounding, msg=name)
