"""`envforge train`: the live pool -> rollouts -> rewards -> GRPO. Only wires; the loop is `envforge.training`."""

from __future__ import annotations

import dataclasses
import os
import re
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envforge.cli.exits import INTERRUPTED, on_interrupt
from envforge.cli.options import DATABASE, AsJson, Database, Isolation

if TYPE_CHECKING:
    from envforge.cli.training_plan import Plan
    from envforge.recipe import Recipe
    from envforge.registry import Registry, RunRecord
    from envforge.training.watching import TrainingStopped, TrainingSummary

LAST_WRITTEN = ("trainer_state.json", "envforge.json")  # of a checkpoint: by the trainer, and by us after it


def train(
    recipe: Annotated[
        str | None,
        typer.Argument(
            metavar="RECIPE.toml",
            help="The recipe: a file, or the name of one that ships, such as cpu-demo. Without one, every setting "
            "has its default.",
        ),
    ] = None,
    db: Database = DATABASE,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="MODEL",
            help="What is trained: a folder, an id of the Hugging Face hub, or smollm2.",
        ),
    ] = None,
    steps: Annotated[
        int | None, typer.Option("--steps", metavar="N", help="Optimiser steps (default 100).")
    ] = None,
    groups: Annotated[
        int | None, typer.Option("--groups", metavar="N", help="Groups per step (default 8).")
    ] = None,
    group_size: Annotated[
        int | None, typer.Option("--group-size", metavar="N", help="Responses per group (default 8).")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option("--learning-rate", metavar="RATE", help="Of AdamW (default 1e-6).")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Seed of the run's random streams (default 0).")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FOLDER", help="The run gets a folder of its own in this one (default runs)."
        ),
    ] = None,
    no_evaluation: Annotated[
        bool, typer.Option("--no-evaluation", metavar="", help="Measure nothing before and after.")
    ] = False,
    control: Annotated[
        bool,
        typer.Option("--control", metavar="", help="Learning rate 0: trains nothing, for comparison."),
    ] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="TABLE.OPTION=VALUE",
            help="Change any option of the recipe; may be given several times. The value is TOML.",
        ),
    ] = None,
    isolation: Isolation = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", help="Sandbox processes at once (default: one per core)."),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            metavar="",
            help="Go on with an unfinished run from its newest checkpoint, with the recipe that it began with.",
        ),
    ] = False,
    run: Annotated[
        int | None,
        typer.Option("--run", metavar="N", help="With --resume: which run (default: the newest unfinished)."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", metavar="", help="Print what would be done; train nothing.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Train a model on the live pool of environments."""
    from envforge.cli.recipes import changes_from, read_recipe, with_flags
    from envforge.errors import UsageError

    start = time.perf_counter()
    if not _leads():
        return 0 if dry_run else _follow()
    flags = (
        ("--model", "model", "path", None if model is None else _absolute(model)),
        ("--steps", "schedule", "steps", steps),
        ("--groups", "grpo", "groups", groups),
        ("--group-size", "grpo", "group_size", group_size),
        ("--learning-rate", "grpo", "learning_rate", learning_rate),
        ("--control", "grpo", "learning_rate", 0.0 if control else None),
        ("--seed", "schedule", "seed", seed),
        ("--out", "logging", "folder", None if out is None else str(out)),
        ("--no-evaluation", "evaluation", "instances", 0 if no_evaluation else None),
    )
    machine = {"isolation": isolation, "workers": workers}
    command = _Command(db, as_json, dry_run, start)
    if resume:
        defining = [flag for flag, _, _, value in flags if value is not None]
        given = ["the recipe"] * (recipe is not None) + defining + ["--set"] * bool(settings)
        if given:
            raise UsageError(
                f"--resume goes on with the recipe that the run began with: leave out {', '.join(given)}"
            )
        return _resume(command, run, machine)
    if run is not None:
        raise UsageError("--run names a run to go on with: use it together with --resume")
    if recipe is None and model is None:
        raise UsageError(
            "name a recipe, as in 'envforge train cpu-demo', or a model with --model; --dry-run shows what "
            "would be done"
        )
    chosen = _placed(read_recipe(recipe, with_flags(changes_from(settings or ()), flags)), machine)
    return _new(command, chosen, recipe)


def _absolute(model: str) -> str:
    """A model's folder by its full path: those in a recipe are relative to the recipe, and this one is not."""
    path = Path(model).expanduser()
    is_path = model.startswith((".", "~", "/")) or path.is_dir()
    return str(path.resolve()) if is_path and model != "smollm2" else model


def _placed(recipe: Recipe, machine: dict[str, int | None]) -> Recipe:
    """`recipe` with what was said of this machine."""
    from envforge.config import change

    given: dict[str, Any] = {name: value for name, value in machine.items() if value is not None}
    sandbox = change(recipe.config.sandbox, given, "the command line", "sandbox")
    return dataclasses.replace(recipe, config=dataclasses.replace(recipe.config, sandbox=sandbox))


@dataclasses.dataclass(frozen=True, slots=True)
class _Command:
    """One call of `envforge train`: on which registry, how it speaks and when it began."""

    db: str
    as_json: bool
    dry_run: bool
    start: float

    def go_on(self, run: int) -> str:
        launched = " (with the launcher it began with)" if _processes() > 1 else ""
        return f"envforge train --db {shlex.quote(self.db)} --resume --run {run}{launched}"


def _processes() -> int:
    """How many processes train together, as accelerate launch and torchrun say it."""
    return _variable("WORLD_SIZE", 1)


def _leads() -> bool:
    """Whether this is the process that prints and writes; the only one, as a rule."""
    return _processes() < 2 or _variable("RANK", 0) == 0


def _variable(name: str, default: int) -> int:
    value = os.environ.get(name, "")
    return int(value) if value.isdigit() else default


def _new(command: _Command, recipe: Recipe, name: str | None) -> int:
    """A new run."""
    from envforge.cli.recipes import find_recipe
    from envforge.errors import UsageError
    from envforge.registry import Registry

    there = "://" in command.db or Path(command.db).exists()
    if not there and not recipe.environments.folders:
        raise UsageError(
            f"there is no registry at {command.db}: grow one with 'envforge grow --db {command.db}', or name "
            "programs in [environments] folders of the recipe"
        )
    source = str(find_recipe(name)) if name is not None else "the defaults"
    base = Path(recipe.logging.folder).resolve()
    stem = re.sub(r"[^\w.-]+", "-", Path(source).stem) if name is not None else "run"
    if command.dry_run:
        if there:
            with Registry.open(command.db, read_only=True) as registry:
                return _show(command, _planned(command, recipe, source, registry, base / f"{stem}-N"))
        return _show(command, _planned(command, recipe, source, None, base / f"{stem}-N"))
    _check_packages(recipe)
    _writable(base)
    on_interrupt("interrupted before the first step; start again with the same command")
    with Registry.open(command.db, create=bool(recipe.environments.folders)) as registry:
        planned = _planned(command, recipe, source, registry, base / f"{stem}-N")
        return _train(command, registry, planned, None, None, stem)


def _resume(command: _Command, number: int | None, machine: dict[str, int | None]) -> int:
    """An unfinished run, with the recipe in its row."""
    from envforge import growth
    from envforge.registry import Registry

    with Registry.open(command.db, read_only=command.dry_run) as registry:
        row = _unfinished(registry, number)
        recipe, folder = _placed(_recipe_of(row, command.db), machine), _folder_of(row)
        checkpoint = _newest_checkpoint(folder)
        planned = _planned(command, recipe, f"that of run {row.id}", registry, folder, row.id, checkpoint)
        if command.dry_run:
            return _show(command, planned)
        _check_packages(recipe)
        on_interrupt(f"interrupted; go on with: {command.go_on(row.id)}")
        row = growth.resumable(registry, row.id, "train")
        with _recorded(registry, row.id):
            return _train(command, registry, planned, checkpoint, row)


def _planned(
    command: _Command,
    recipe: Recipe,
    source: str,
    registry: Registry | None,
    folder: Path,
    run: int | None = None,
    checkpoint: Path | None = None,
) -> Plan:
    from envforge.cli.training_plan import plan

    done = _step_of(checkpoint) if checkpoint is not None else 0
    return plan(recipe, source, command.db, registry, folder, run, done)


def _show(command: _Command, planned: Plan) -> int:
    """The plan alone, for --dry-run."""
    from envforge.cli.display import facts, print_json, screen, text

    if command.as_json:
        print_json(planned.as_data())
    else:
        console = screen()
        console.print(facts(planned.as_facts()))
        console.print(text("Nothing was trained: this was a dry run.", "bold"))
    return 0


def _unfinished(registry: Registry, number: int | None) -> RunRecord:
    """The training run to go on with. Raises UsageError when it is none, or finished."""
    from envforge.errors import UsageError

    if number is None:
        newest = registry.latest_unfinished_run(kind="train")
        if newest is None:
            raise UsageError(f"no unfinished training run in {registry.name}: start one without --resume")
        return newest
    row = registry.run(number)
    if row.kind != "train":
        raise UsageError(f"run {number} is one of 'envforge {row.kind}': go on with it there")
    if row.state == "finished":
        raise UsageError(f"run {number} is finished: start a new one")
    return row


def _recipe_of(row: RunRecord, db: str) -> Recipe:
    from envforge.recipe import recipe_from

    return recipe_from(row.config["recipe"], f"run {row.id} of {db}", Path.cwd())


def _folder_of(row: RunRecord) -> Path:
    """Where a run writes. Raises UsageError when that is gone."""
    from envforge.errors import UsageError

    folder = row.config.get("folder")
    if not folder:
        raise UsageError(f"run {row.id} was stopped before it began: start a new one")
    if not Path(folder).is_dir():
        raise UsageError(
            f"the folder of run {row.id}, {folder}, is gone, and its checkpoints with it: start a new run"
        )
    return Path(folder)


def _newest_checkpoint(folder: Path) -> Path | None:
    """The checkpoint to go on from; None before the first. One that was cut short lacks what is written last."""
    whole = [
        path
        for path in folder.glob("checkpoint-*")
        if path.name.rpartition("-")[2].isdigit() and all((path / name).is_file() for name in LAST_WRITTEN)
    ]
    return max(whole, key=_step_of, default=None)


def _step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def _check_packages(recipe: Recipe) -> None:
    """Raises UsageError with the command to run when a package is missing that the recipe needs."""
    from envforge.training.model import check_packages

    check_packages(recipe)


def _writable(folder: Path) -> None:
    """Raises UsageError when nothing can be written to `folder`, before anything slow begins."""
    from envforge.cli.exits import writing
    from envforge.errors import UsageError

    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise UsageError(f"cannot write to {folder}: choose another folder with --out")


def _train(
    command: _Command,
    registry: Registry,
    planned: Plan,
    checkpoint: Path | None,
    row: RunRecord | None,
    stem: str = "",
) -> int:
    """The run itself, and what it came to. Without a row it is a new one, in a folder that begins with `stem`."""
    from envforge import training
    from envforge.cli import training_summary
    from envforge.cli.display import facts, isolation
    from envforge.cli.programs import sandboxed
    from envforge.cli.training_display import TrainingDisplay
    from envforge.recipe import recipe_as_dict

    _quiet()
    recipe = planned.recipe
    with sandboxed(recipe.config.sandbox) as sandbox, TrainingDisplay(stderr=command.as_json) as display:
        if row is None:
            row = _begin(registry, recipe, str(sandbox.level.value), planned.folder.parent, stem)
        planned = dataclasses.replace(planned, run=row.id, folder=Path(row.config["folder"]))
        go_on = command.go_on(row.id)
        on_interrupt(f"interrupted; go on with: {go_on}")
        level = f"{isolation(sandbox.level)}: {sandbox.level.title}"
        display.console.print(facts({**planned.as_facts(), "isolation": level}))
        with _recorded(registry, row.id):
            _tell(_Told(recipe_as_dict(recipe), str(planned.folder), str(checkpoint) if checkpoint else None))
            try:
                summary = training.train(
                    recipe,
                    registry,
                    sandbox,
                    run=row,
                    folder=planned.folder,
                    watcher=display,
                    resume=checkpoint,
                )
            except training.TrainingStopped as error:
                raise _with_remedy(error, go_on) from error
        registry.finish_run(row.id, summary.ended)
    summary = _whole(summary, registry)
    on_interrupt(f"interrupted after run {row.id} was {summary.ended}")
    total = time.perf_counter() - command.start
    outcome = training_summary.Outcome(
        command.db, recipe, planned.folder, summary, display.last, total, go_on
    )
    if command.as_json:
        training_summary.print_summary(outcome)
    else:
        training_summary.show(display.console, outcome)
    return _ended(summary, go_on)


def _whole(summary: TrainingSummary, registry: Registry) -> TrainingSummary:
    """With the evaluation before training, which a resumed run made in an earlier process."""
    if summary.before:
        return summary
    named = {record.name: record.results for record in registry.evaluations(summary.run)}
    return dataclasses.replace(summary, before=named.get("before", ()))


def _ended(summary: TrainingSummary, go_on: str) -> int:
    """The exit code; an interruption says how to go on, as every command does."""
    if summary.ended != "interrupted":
        return 0
    print(f"interrupted; go on with: {go_on}", file=sys.stderr, flush=True)
    return INTERRUPTED


def _begin(registry: Registry, recipe: Recipe, isolation: str, base: Path, stem: str) -> RunRecord:
    """Record a new run and make its folder, whose name holds the run's number."""
    from envforge import __version__, growth
    from envforge.recipe import recipe_as_dict

    number = registry.start_run(
        kind="train",
        proposer=recipe.roles.policy or recipe.model.path,
        seed=recipe.schedule.seed,
        config={"recipe": recipe_as_dict(recipe)},
        version=__version__,
        isolation=isolation,
        command=sys.argv,
    )
    # Marks it as this process's own, so that nobody else resumes it meanwhile.
    row = growth.resumable(registry, number, "train")
    folder = _fresh_folder(base, f"{stem}-{number}")
    return registry.resume_run(number, {**row.config, "folder": str(folder)})


def _fresh_folder(base: Path, name: str) -> Path:
    """A folder that was not there: another registry's run of the same number may have written beside it."""
    from envforge.cli.exits import writing

    number = 1
    with writing(base / name):
        while True:
            folder = base / (name if number == 1 else f"{name}-{number}")
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                number += 1
            else:
                return folder


@contextmanager
def _recorded(registry: Registry, run: int) -> Iterator[None]:
    """Write down how a run ended that did not come to its summary."""
    from envforge.errors import EnvforgeError

    try:
        yield
    except BaseException as error:
        with suppress(
            EnvforgeError
        ):  # the registry may be what failed; a run left as running can be resumed, too
            registry.finish_run(run, "interrupted" if isinstance(error, KeyboardInterrupt) else "failed")
        raise


def _with_remedy(error: TrainingStopped, go_on: str) -> TrainingStopped:
    """The same error, with the command that goes on."""
    if error.checkpoint is None:
        return type(error)(f"{error}; no checkpoint was written yet: start again once that is mended", None)
    return type(error)(f"{error}; go on with: {go_on}", error.checkpoint)


def _quiet() -> None:
    """Keep warnings of libraries that whoever trains can do nothing about from tearing the display apart; what they
    call an error is still shown. TRANSFORMERS_VERBOSITY=warning brings them back."""
    import warnings

    if os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error") == "error":
        warnings.simplefilter("ignore", FutureWarning)


@dataclasses.dataclass(frozen=True, slots=True)
class _Told:
    """What the leading process tells the others of one run, which need neither its recipe's file nor its registry."""

    recipe: dict[str, Any]
    folder: str
    checkpoint: str | None


def _tell(told: _Told | None) -> _Told | None:
    """Collective, where there are several processes: what the leading one gives, everywhere."""
    if _processes() < 2:
        return told
    import torch
    from accelerate import PartialState

    from envforge.training.together import Together

    return Together(PartialState(cpu=not torch.cuda.is_available())).told(told)


def _follow() -> int:
    """Another process of a run: it computes, and leaves it to the leading one to speak."""
    import signal

    from envforge.errors import EnvforgeError
    from envforge.recipe import recipe_from
    from envforge.sandbox import Sandbox
    from envforge.training import follow

    _quiet()
    # The launcher ends it so when the leading process has ended, which has said why.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    told = _tell(None)
    assert told is not None
    recipe = recipe_from(told.recipe, "the recipe", Path.cwd())
    with Sandbox(recipe.config.sandbox) as sandbox:
        try:
            follow(recipe, sandbox, Path(told.folder), Path(told.checkpoint) if told.checkpoint else None)
        except EnvforgeError as error:
            return error.exit_code
    return 0
