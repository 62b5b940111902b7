"""`envforge train`: its flags and what it refuses, the plan, resumption, and what it prints. The learner itself is
tested elsewhere; here a short stand-in trains, in a real registry and with a real sandbox."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import toys
from test_cli import surroundings
from test_pool import Library

from envforge import training
from envforge.cli import main, recipes, train, training_summary
from envforge.cli.training_display import TrainingDisplay, figures
from envforge.errors import UsageError
from envforge.recipe import Recipe, recipe_from
from envforge.registry import Registry, StepEnvironment, StepRecord
from envforge.training.watching import TrainingStopped, TrainingSummary
from envforge.verdict import LevelResult

BEFORE, AFTER = (3, 4, 2), (8, 3, 2)  # right answers of 10: two trained environments, one held out


def result(place: int, right: int, *, lost: int = 0) -> LevelResult:
    split = "held-out" if place == 2 else "trained"
    passes = tuple(int(index < right) for index in range(10))
    return LevelResult(
        f"{place:016x}", f"Puzzle {place}.", ("a",), split, 0, 1, passes, float(right), tuple(range(10)), 1, 90, lost
    )  # fmt: skip


def results(rights: Sequence[int]) -> tuple[LevelResult, ...]:
    return tuple(result(place, right) for place, right in enumerate(rights))


def step(number: int, environment: str = "e" * 16, **metrics: float | None) -> StepRecord:
    row = StepEnvironment(environment, 2, 4, 3, 32, 0.5, 0.5, 2, 40.0, 0.3)
    measured: dict[str, float | None] = {
        "reward": 0.25, "accuracy": 0.5, "format_failure_rate": 0.0625, "effective_prompt_ratio": 0.75,
        "environment_share": 0.0123, "seconds": 2.0, **metrics,
    }  # fmt: skip
    return StepRecord(number, measured, (row,))


class Trainer:
    """Stands in for the learner: steps without a model, a checkpoint, evaluations."""

    def __init__(self) -> None:
        self.calls: list[SimpleNamespace] = []
        self.stop_at: int | None = None  # ends as if after Ctrl-C
        self.error: Exception | None = None
        self.signal: signal.Signals | None = None  # comes when nobody catches it

    def __call__(
        self, recipe: Recipe, registry: Registry, sandbox: Any, *, run: Any, folder: Path, watcher: Any,
        resume: Path | None = None,
    ) -> TrainingSummary:  # fmt: skip
        self.calls.append(SimpleNamespace(recipe=recipe, run=run, folder=folder, resume=resume))
        assert registry.run(run.id).state == "running" and sandbox.level >= 1 and folder.is_dir()
        start, steps = int(resume.name.split("-")[1]) if resume else 0, recipe.schedule.steps
        before = results(BEFORE) if recipe.evaluation.instances and not start else ()
        if before:
            watcher.evaluating("before", 30)
            watcher.evaluated("before", before)
            with registry.transaction() as transaction:
                transaction.add_evaluation(
                    policy="tiny", name="before", settings={}, results=before, run_id=run.id, step=0
                )
        watcher.begun(run, folder, start, steps)
        for number in range(start + 1, steps + 1):
            watcher.stepped(step(number), steps)
            if number == self.stop_at:
                watcher.notice("the step is finished, and a checkpoint is written")
                return self.ended(folder, run, number, "interrupted", before, ())
            if self.error is not None and number == 2:
                raise self.error
            if self.signal is not None and number == 2:
                signal.raise_signal(self.signal)
        after = results(AFTER) if recipe.evaluation.instances else ()
        if after:
            watcher.evaluated("after", after)
        return self.ended(folder, run, steps, "finished", before, after)

    def ended(
        self, folder: Path, run: Any, steps: int, ended: str, before: Any, after: Any
    ) -> TrainingSummary:
        checkpoint = write_checkpoint(folder, steps)
        return TrainingSummary(run.id, steps, 3.5, ended, checkpoint, before, after)


def write_checkpoint(folder: Path, step: int, names: Sequence[str] = train.LAST_WRITTEN) -> Path:
    checkpoint = folder / f"checkpoint-{step}"
    checkpoint.mkdir(parents=True)
    for name in names:
        (checkpoint / name).write_text("{}")
    return checkpoint


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a registry of three environments and a recipe."""
    library = Library(tmp_path / "library.db")
    for name in ("one", "two", "three"):
        library.seed(name)
    library.registry.finish_run(library.run, "finished")
    library.registry.close()
    (tmp_path / "small.toml").write_text(
        '[model]\npath = "tiny"\n[schedule]\nsteps = 4\nsave_every = 2\n[evaluation]\nlevels = [0, 2]\n'
    )
    monkeypatch.chdir(tmp_path)
    for name in ("WORLD_SIZE", "RANK"):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch) -> Trainer:
    made = Trainer()
    monkeypatch.setattr(training, "train", made, raising=False)
    return made


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `envforge train ...` in the folder; exit code, output and errors."""

    def command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["train", *map(str, arguments)])
        out, err = capsys.readouterr()
        assert "Traceback" not in err, err
        return code, out, err

    return command


def said(text: str) -> str:
    return " ".join(text.split())


# Recipes and options


def test_a_recipe_is_a_file_or_ships(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "cpu-demo.toml").write_text("")
    (shipped / "small.toml").write_text("")
    (tmp_path / "cpu-demo").mkdir()  # the recipe's programs lie beside it, under the same name
    monkeypatch.setattr(
        "envforge.locations.data_folder", lambda name: tmp_path / {"recipes": "shipped"}[name]
    )
    assert recipes.find_recipe("small.toml") == Path("small.toml")  # what is here comes first
    for name in ("cpu-demo", "cpu-demo.toml"):
        assert recipes.find_recipe(name) == shipped / "cpu-demo.toml"
    assert recipes.find_recipe("small") == shipped / "small.toml"
    for name, hint in (
        ("cpu-dmeo", "did you mean 'cpu-demo'?"),
        ("smal.toml", "did you mean 'small.toml'?"),
        (f"{tmp_path}/smal.toml", f"did you mean '{tmp_path}/small.toml'?"),
        ("xyz", "the ones that ship are cpu-demo, small"),
        ("nowhere/xyz.toml", "give the path of a TOML file"),
        (str(shipped), "is a folder"),
    ):
        with pytest.raises(UsageError, match=re.escape(hint)):
            recipes.find_recipe(name)


def test_set() -> None:
    found = recipes.changes_from(
        ["grpo.groups=4", "grpo.loss = grpo", 'model.path="a b"', "evaluation.levels=[0, 1]", "shaping.cuts=true",
         "generation.vllm_url=http://host:8000"]
    )  # fmt: skip
    assert found == {
        "grpo": {"groups": 4, "loss": "grpo"},
        "model": {"path": "a b"},
        "evaluation": {"levels": [0, 1]},
        "shaping": {"cuts": True},
        "generation": {"vllm_url": "http://host:8000"},
    }
    recipe = recipe_from(found, "here", Path.cwd())
    assert (recipe.grpo.groups, recipe.evaluation.levels, recipe.shaping.cuts) == (4, (0, 1), True)
    for pair, hint in (
        ("grpo=4", "TABLE.OPTION=VALUE"),
        ("grpo.groups", "TABLE.OPTION=VALUE"),
        ("grpo.groups=", "TABLE.OPTION=VALUE"),
        ("a.b.c=1", "TABLE.OPTION=VALUE"),
        ("model.path=two words", "is not TOML"),
        ("grpo.groups=4\nother = 5", "give one value"),
    ):
        with pytest.raises(UsageError, match=hint):
            recipes.changes_from([pair])
    with pytest.raises(UsageError, match="twice"):
        recipes.changes_from(["grpo.groups=4", "grpo.groups=5"])


def test_flags_reach_the_recipe(run: Run, home: Path) -> None:
    code, out, _ = run(
        "small.toml", "--dry-run", "--json", "--steps", 7, "--groups", 3, "--group-size", 5, "--seed", 9,
        "--learning-rate", "1e-4", "--no-evaluation", "--out", "elsewhere", "--model", "./mine",
        "--set", "grpo.clip_high=0.3", "--workers", 1, "--isolation", "confined",
    )  # fmt: skip
    assert code == 0
    recipe = json.loads(out)["recipe"]
    assert recipe["schedule"]["steps"] == 7 and recipe["schedule"]["seed"] == 9
    assert recipe["schedule"]["save_every"] == 2  # the file's
    assert (recipe["grpo"]["groups"], recipe["grpo"]["group_size"]) == (3, 5)
    assert (recipe["grpo"]["learning_rate"], recipe["grpo"]["clip_high"]) == (1e-4, 0.3)
    assert recipe["evaluation"]["instances"] == 0
    assert recipe["model"]["path"] == str(home / "mine")  # from here, not from the recipe's folder
    assert recipe["logging"]["folder"] == "elsewhere"
    assert (recipe["sandbox"]["workers"], recipe["sandbox"]["isolation"]) == (1, 1)
    control = json.loads(run("small.toml", "--dry-run", "--json", "--control")[1])
    assert control["recipe"]["grpo"]["learning_rate"] == 0


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ([], "name a recipe"),
        (["nowhere"], "there is no recipe nowhere"),
        (["small.toml", "--set", "grpo.gruops=3"], "did you mean 'groups'?"),
        (["small.toml", "--set", "grop.groups=3"], "did you mean 'grpo'?"),
        (["small.toml", "--set", "grpo.groups=many"], "groups must be a whole number, not 'many'"),
        (["small.toml", "--steps", "0"], "steps must be from 1"),
        (["small.toml", "--group-size", "1"], "group_size must be from 2"),
        (["small.toml", "--learning-rate", "2"], "learning_rate must be from 0"),
        (["small.toml", "--control", "--learning-rate", "1e-5"], "--learning-rate and --control set the same"),
        (["small.toml", "--steps", "3", "--set", "schedule.steps=4"], "--set schedule.steps and --steps set"),
        (["small.toml", "--run", "2"], "use it together with --resume"),
        (["small.toml", "--db", "nowhere.db"], "envforge grow --db nowhere.db"),
        (["small.toml", "--db", "empty.db"], "has no environment to train on"),
        (["small.toml", "--set", 'environments.folders=["nowhere"]'], "nowhere does not exist"),
        (["small.toml", "--set", 'environments.held_out=["beef"]'], "no environment of library.db has an id"),
        (["small.toml", "--set", "logging.folder=small.toml"], "cannot write"),
        (["small.toml", "--isolation", "confind"], "did you mean 'confined'?"),
        (["--model", "tiny", "--set", "processes.deepspeed=x.json"], "pip install deepspeed"),
        (["--model", "tiny", "--set", "generation.engine=vllm-colocate"], "envforge[train,vllm]"),
        (["--resume", "small.toml", "--steps", "3", "--set", "a.b=1"], "leave out the recipe, --steps, --set"),
        (["--resume", "--control"], "leave out --control"),
        (["--resume"], "no unfinished training run"),
        (["--resume", "--run", "1"], "run 1 is one of 'envforge grow'"),
        (["--resume", "--run", "7"], "no run 7"),
        (["--resume", "--db", "nowhere.db"], "there is no registry at nowhere.db"),
    ],
)  # fmt: skip
def test_refusals(run: Run, trainer: Trainer, home: Path, arguments: list[str], hint: str) -> None:
    """One line, exit code 2, no run in the registry and no folder: nothing has begun."""
    Registry.open(home / "empty.db", create=True).close()
    code, out, err = run(*arguments)
    assert code == 2, err
    assert hint in said(err) and err.startswith("Error: ") and out == ""
    assert not trainer.calls
    with Registry.open(home / "library.db", read_only=True) as registry:
        assert [row.kind for row in registry.runs()] == ["grow"]
    assert not list(home.glob("runs/*"))


def test_missing_extra(run: Run, trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "trl" else real(name, *more)
    )
    code, _, err = run("small.toml")
    assert code == 2
    assert said(err) == "Error: training needs trl, not installed here: pip install 'envforge[train]'"
    assert run("small.toml", "--dry-run")[0] == 0


def test_neither_help_nor_a_dry_run_loads_a_model_library(home: Path) -> None:
    script = (
        "import sys; from envforge.cli import main; code = main(sys.argv[1:])\n"
        "print([name for name in ('torch', 'trl', 'transformers', 'datasets') if name in sys.modules], "
        "file=sys.stderr); sys.exit(code)"
    )
    for arguments in (["train", "--help"], ["train", "small.toml", "--dry-run"]):
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            cwd=home, capture_output=True, text=True, check=True, env=surroundings(),
        )  # fmt: skip
        assert done.stderr == "[]\n", arguments


# The plan


def test_dry_run(run: Run, home: Path) -> None:
    def files() -> list[Path]:
        return sorted(path for path in home.rglob("*") if not path.name.startswith("library.db-"))  # SQLite's

    before = files()
    code, out, _ = run("small.toml", "--dry-run")
    assert code == 0
    text = said(out)
    assert "8 groups x 8 = 64 responses" in text and "tiny (all weights)" in text
    assert "pool 3 environments" in text and "held out 0 environments" in text
    assert "3 environments at levels 0, 2, 32 instances x 1 = 192 responses, 2 times" in text
    assert f"{home}/runs/small-N" in out and "Nothing was trained" in out
    code, out, _ = run("small.toml", "--dry-run", "--json", "--set", "evaluation.every=2")
    found = json.loads(out)
    assert set(found) == {
        "db", "run", "folder", "model", "steps", "done", "groups", "group_size", "responses", "pool", "new",
        "held_out", "evaluations", "evaluated", "evaluation_responses", "recipe",
    }  # fmt: skip
    assert (found["pool"], found["held_out"], found["evaluations"], found["run"]) == (3, 0, 3, None)
    assert files() == before


def test_plan_counts_what_is_held_out_and_new(run: Run, home: Path) -> None:
    with Registry.open(home / "library.db") as registry:
        ids = sorted(registry.statuses())
        with registry.transaction() as transaction:
            transaction.hold_out([ids[0]], "for the end")
    (home / "recipe.toml").write_text(
        f'[model]\npath = "tiny"\n[environments]\nfolders = ["toys"]\n'
        f'held_out = ["{ids[1][:8]}", "apart/second.py"]\n'
    )
    for folder, paths in (("toys", toys.TRAINED), ("apart", toys.HELD_OUT)):
        (home / folder).mkdir()
        for path in paths:
            (home / folder / path.name).write_text(path.read_text())
    # One is held out by the registry and two by the recipe, which then is what its evaluations look at.
    for db, pool, held in (("library.db", 1, 2), ("new.db", 0, 1)):
        if db == "new.db":
            text = (home / "recipe.toml").read_text()
            (home / "recipe.toml").write_text(text.replace(f'"{ids[1][:8]}", ', ""))
        code, out, err = run("recipe.toml", "--dry-run", "--json", "--db", db)
        assert code == 0, err
        found = json.loads(out)
        assert (found["pool"], found["new"], found["held_out"]) == (pool, 2, held)
        assert found["evaluated"] == 2 + held
    assert not (home / "new.db").exists()
    code, _, err = run("small.toml", "--dry-run", "--set", f"environments.held_out={json.dumps(ids)}")
    assert code == 2 and "every environment" in err
    code, _, err = run(
        "recipe.toml", "--dry-run", "--db", "new.db", "--set", 'environments.held_out=["abcd"]'
    )
    assert code == 2 and "neither a file nor a folder" in said(err)
    code, _, err = run("recipe.toml", "--dry-run", "--set", 'environments.folders=["toys", "apart"]')
    assert code == 2 and "is both in folders and in held_out" in said(err)


# Running


def test_a_run(run: Run, trainer: Trainer, home: Path) -> None:
    code, out, err = run("small.toml", "--isolation", "confined")
    assert code == 0, err
    (call,) = trainer.calls
    assert call.resume is None and call.folder == home / "runs" / f"small-{call.run.id}"
    with Registry.open(home / "library.db", read_only=True) as registry:
        row = registry.run(call.run.id)
    assert (row.kind, row.state, row.seed) == ("train", "finished", 0)
    assert row.config["folder"] == str(call.folder) and row.config["process"]["pid"] == os.getpid()
    assert recipe_from(row.config["recipe"], "the row", home) == call.recipe
    assert "\x1b" not in out
    lines = out.splitlines()
    assert re.search(
        r"^step 4/4  reward 0\.25  accuracy 0\.50  no answer 6\.2%  live groups 75%", out, re.MULTILINE
    )
    assert "Evaluation 'before': trained 0.35 (2 environments), held-out 0.20 (1 environment)" in lines
    trained, held_out = out.index("Trained environments"), out.index("Held-out environments")
    assert trained < out.index("Puzzle 0") < out.index("Puzzle 1") < held_out < out.index("Puzzle 2")
    assert re.search(r"Puzzle 0 +0 +0\.30 \S+ +0\.80 \S+ +\+0\.50 *$", out, re.MULTILINE)
    assert re.search(r"Puzzle 1 +0 +0\.40 \S+ +0\.30 \S+ +-0\.10 +worse *$", out, re.MULTILINE)
    assert "1 of 3 results came out worse than before" in said(out)
    assert f"envforge report {call.run.id}" in out and "no answer 10%" in out


def test_json(run: Run, trainer: Trainer, home: Path) -> None:
    code, out, err = run("small.toml", "--json")
    assert code == 0, err
    found = json.loads(out)
    assert set(found) == {
        "db", "run", "folder", "model", "learning_rate", "seed", "steps", "of", "ended", "checkpoint", "metrics",
        "evaluation", "seconds", "total_seconds",
    }  # fmt: skip
    assert (found["steps"], found["of"], found["ended"]) == (4, 4, "finished")
    assert found["metrics"]["reward"] == 0.25
    assert [row["worse"] for row in found["evaluation"]] == [False, True, False]
    first = found["evaluation"][0]
    assert set(first) == {"environment", "title", "tags", "split", "difficulty", "before", "after", "worse"}
    assert set(first["before"]) == {
        "accuracy", "low", "high", "instances", "samples", "format_failures", "lost",
    }  # fmt: skip
    assert first["before"]["low"] < first["before"]["accuracy"] == 0.3 < first["before"]["high"]
    assert "step 4/4" in err  # progress goes where the JSON does not
    # Two runs of one registry never share a folder, nor do runs of the same number of two registries.
    (home / "runs" / f"small-{found['run'] + 1}").mkdir()
    again = json.loads(run("small.toml", "--json", "--no-evaluation")[1])
    assert again["run"] == found["run"] + 1 and again["folder"].endswith(f"small-{again['run']}-2")
    assert again["evaluation"] == []


def test_interrupted_and_resumed(run: Run, trainer: Trainer, home: Path) -> None:
    trainer.stop_at = 2
    code, out, err = run("small.toml", "--seed", 5)
    first = trainer.calls[-1]
    number = first.run.id
    assert code == 130
    assert err.endswith(f"interrupted; go on with: envforge train --db library.db --resume --run {number}\n")
    assert "The step is finished, and a checkpoint is written" in out and "interrupted: 2 of 4 steps" in out
    with Registry.open(home / "library.db", read_only=True) as registry:
        assert registry.run(number).state == "interrupted"
    # One that was cut short is no checkpoint, and its number decides, not its name.
    write_checkpoint(first.folder, 3, train.LAST_WRITTEN[:1])
    trainer.stop_at = None
    shown = json.loads(run("--resume", "--dry-run", "--json")[1])
    assert (shown["run"], shown["done"], shown["recipe"]["schedule"]["seed"]) == (number, 2, 5)
    (home / "small.toml").unlink()
    code, out, err = run("--resume", "--json", "--workers", 1)
    assert code == 0, err
    second = trainer.calls[-1]
    assert second.run.id == number and second.folder == first.folder
    assert second.resume == first.folder / "checkpoint-2"
    assert second.recipe.config.sandbox.workers == 1  # belongs to the machine
    assert (second.recipe.schedule, second.recipe.grpo) == (first.recipe.schedule, first.recipe.grpo)
    # What was measured before the first process trained is compared with what the second one measured.
    assert [row["worse"] for row in json.loads(out)["evaluation"]] == [False, True, False]
    code, _, err = run("--resume", "--run", number)
    assert code == 2 and f"run {number} is finished" in err


def test_resume_refuses_what_still_runs_and_what_is_gone(run: Run, trainer: Trainer, home: Path) -> None:
    trainer.stop_at = 2
    run("small.toml")
    number, folder = trainer.calls[-1].run.id, trainer.calls[-1].folder
    trainer.stop_at = None
    with subprocess.Popen(["sleep", "60"]) as other:
        try:
            start = Path(f"/proc/{other.pid}/stat").read_text().rpartition(")")[2].split()[19]
            with Registry.open(home / "library.db") as registry:
                config = registry.run(number).config
                process = {**config["process"], "pid": other.pid, "started": start}
                registry.resume_run(number, {**config, "process": process})
            code, _, err = run("--resume")
            assert code == 2 and f"run {number} is going on in process {other.pid}" in err
        finally:
            other.kill()
    folder.rename(home / "moved")
    code, _, err = run("--resume")
    assert code == 2 and "is gone, and its checkpoints with it" in said(err)
    (home / "moved").rename(folder)
    (folder / "checkpoint-2" / train.LAST_WRITTEN[1]).unlink()
    assert run("--resume")[0] == 0
    assert trainer.calls[-1].resume is None  # from the beginning, in the same run


@pytest.mark.parametrize(
    ("error", "code", "state", "hint"),
    [
        (TrainingStopped("the vLLM server is gone", Path("checkpoint-1")), 1, "failed",
         "the vLLM server is gone; go on with: envforge train --db library.db --resume --run 2"),
        (TrainingStopped("no step was made", None), 1, "failed", "no checkpoint was written yet"),
        (signal.SIGINT, 130, "interrupted",
         "interrupted; go on with: envforge train --db library.db --resume --run 2"),
    ],
)  # fmt: skip
def test_what_ends_a_run(
    run: Run,
    trainer: Trainer,
    home: Path,
    error: Exception | signal.Signals,
    code: int,
    state: str,
    hint: str,
) -> None:
    if isinstance(error, signal.Signals):
        trainer.signal = error
    else:
        trainer.error = error
    found, out, err = run("small.toml")
    assert found == code and hint in said(err)
    assert "step 2/4" in out  # the newest figures are not swallowed
    with Registry.open(home / "library.db", read_only=True) as registry:
        assert registry.run(trainer.calls[0].run.id).state == state


def test_other_ranks_follow_in_silence(
    run: Run, trainer: Trainer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What passes between processes is handed over here; that it really passes is shown by the launched run below."""
    followed: list[tuple[Recipe, Path, Path | None]] = []
    said_to_all: list[Any] = []

    def follow(recipe: Recipe, sandbox: Any, folder: Path, resume: Path | None = None) -> None:
        followed.append((recipe, folder, resume))
        if len(followed) == 2:
            raise TrainingStopped("the main process says this", None)

    def tell(told: Any) -> Any:
        if told is not None:
            said_to_all.append(told)
        return said_to_all[-1]

    monkeypatch.setattr(training, "follow", follow)
    monkeypatch.setattr(train, "_tell", tell)
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "0")
    trainer.stop_at = 2
    code, _, err = run("small.toml", "--workers", 1)
    assert code == 130 and "--resume --run 2 (with the launcher it began with)" in err
    first = trainer.calls[-1]
    monkeypatch.setenv("RANK", "1")
    assert run("small.toml", "--dry-run") == run("no-such-recipe", "--workers", 1) == (0, "", "")
    assert followed == [(first.recipe, first.folder, None)]
    assert run("small.toml") == (1, "", "")
    monkeypatch.setenv("RANK", "0")
    trainer.stop_at = None
    assert run("--resume")[0] == 0
    monkeypatch.setenv("RANK", "1")
    assert run("--resume") == (0, "", "")
    assert followed[-1] == (trainer.calls[-1].recipe, first.folder, first.folder / "checkpoint-2")
    with Registry.open(home / "library.db", read_only=True) as registry:
        assert len(registry.runs()) == 2


# What is shown


def test_plain_lines_are_few_and_the_last_is_never_lost(capsys: pytest.CaptureFixture[str]) -> None:
    now = 0.0
    with TrainingDisplay(clock=lambda: now) as shown:
        shown.begun(SimpleNamespace(id=3), Path("runs/x"), 0, 100)  # type: ignore[arg-type]
        for number in range(1, 42):
            now += 0.5
            shown.stepped(step(number), 100)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("step")]
    numbers = [int(re.findall(r"\d+", line)[0]) for line in lines]
    assert numbers == [*range(1, 42, 4), *([] if 41 in range(1, 42, 4) else [41])]
    assert "2.0 steps/s  ETA 29.5 s" in lines[-1]
    assert "level 2.00" in lines[-1] and "environment 1.2%" in lines[-1]
    now = 0.0
    with TrainingDisplay(clock=lambda: now) as shown:
        shown.begun(SimpleNamespace(id=3), Path("runs/x"), 0, 3)  # type: ignore[arg-type]
        for number in (1, 2, 3):
            shown.stepped(step(number), 3)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("step")]
    assert [line[:8] for line in lines] == ["step 1/3", "step 3/3"]


def test_a_terminal_gets_a_live_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("FORCE_COLOR", "1"), ("TERM", "xterm"), ("COLUMNS", "120")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    with TrainingDisplay() as shown:
        assert shown.console.is_terminal
        shown.begun(SimpleNamespace(id=3), Path("runs/x"), 10, 20)  # type: ignore[arg-type]
        shown.stepped(step(11), 20)
        shown.evaluating("step 11", 64)
        assert shown._live is not None
        shown._live.refresh()
        shown.notice("something \x1b[2J odd")
    out = capsys.readouterr().out
    assert "11/20" in out and "evaluation 'step 11': 64 responses to be drawn" in out
    assert "\x1b[2J" not in out and "\\x1b[2J" in out
    assert "accuracy" in out.rsplit("step 11/20", 1)[1]  # stays when the live line is gone


def test_unmeasured_figures_are_left_out() -> None:
    bare = figures(StepRecord(1, {"reward": None, "accuracy": 0.5}, ())).plain
    assert bare == "  accuracy 0.50"


def test_comparison_pairs_by_environment_split_and_level() -> None:
    only_before, only_after = result(0, 5), result(2, 5)
    rows = training_summary.compare((only_before,), (only_after,))
    assert [(row.before, row.after, row.change) for row in rows] == [
        (only_before, None, None),
        (None, only_after, None),
    ]
    (row,) = training_summary.compare((result(0, 5),), (result(0, 5),))
    assert row.change == 0
    nothing = LevelResult("0" * 16, "None.", (), "trained", 0, 1, (), 0.0, (), 0, 0, 10)
    assert training_summary.split_means((nothing,)) == {"trained": (None, 1)}
    (row,) = training_summary.compare((nothing,), (result(0, 5),))
    assert row.change is None
    # Two samples of each of ten instances are no twenty instances.
    twice = LevelResult("0" * 16, "Two.", (), "trained", 0, 2, (1,) * 10, 10.0, tuple(range(10)), 0, 0)
    assert training_summary.interval(twice) == training_summary.interval(result(0, 5))
