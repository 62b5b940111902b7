"""`envforge grow`: seeds -> proposals -> gates -> novelty -> registry. Only wires; the loop is `envforge.growth`."""

from __future__ import annotations

import dataclasses
import shlex
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envforge.cli.exits import on_interrupt
from envforge.cli.options import DATABASE, AsJson, ConfigFile, Database, Isolation

if TYPE_CHECKING:
    from envforge.cli.progress import GrowthDisplay
    from envforge.config import Config
    from envforge.growth import Decision
    from envforge.proposers import Proposer
    from envforge.registry import Registry, RunRecord
    from envforge.sandbox import Sandbox

PROPOSER = "compose"


def grow(
    seeds: Annotated[
        Path | None,
        typer.Option(
            "--seeds", metavar="FOLDER", help="Programs to start from (default: the seeds that ship)."
        ),
    ] = None,
    db: Database = DATABASE,
    proposer: Annotated[
        str | None,
        typer.Option(
            "--proposer",
            metavar="SPEC",
            help="compose (the default; needs no model), openai:URL#MODEL or replay:FILE.",
        ),
    ] = None,
    proposals: Annotated[
        int | None, typer.Option("--proposals", metavar="N", help="Proposals at most (default 60).")
    ] = None,
    target: Annotated[
        int | None,
        typer.Option(
            "--target", metavar="N", help="Stop after so many accepted environments (default: no target)."
        ),
    ] = None,
    batch: Annotated[
        int | None,
        typer.Option("--batch", metavar="N", help="Proposals made from one view of the library (default 8)."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Seed of the run's random streams (default 0).")
    ] = None,
    config: ConfigFile = None,
    isolation: Isolation = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", help="Sandbox processes at once (default: one per core)."),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option("--record", metavar="FILE", help="Keep what the proposer said, for replay:FILE."),
    ] = None,
    admit_uncalibrated: Annotated[
        bool,
        typer.Option(
            "--admit-uncalibrated", metavar="", help="Admit what passed every gate that needs no solver."
        ),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", metavar="", help="Go on with an unfinished run, with the settings that it began with."
        ),
    ] = False,
    run: Annotated[
        int | None,
        typer.Option("--run", metavar="N", help="With --resume: which run (default: the newest unfinished)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Grow a library of environments from seed programs."""
    from envforge.config import load_config
    from envforge.errors import UsageError
    from envforge.locations import data_folder

    start = time.perf_counter()
    defining = {
        "--seeds": seeds,
        "--proposer": proposer,
        "--proposals": proposals,
        "--target": target,
        "--batch": batch,
        "--seed": seed,
        "--config": config,
        "--record": record,
        "--admit-uncalibrated": admit_uncalibrated or None,
    }
    given = [name for name, value in defining.items() if value is not None]
    machine = {"isolation": isolation, "workers": workers}
    if resume:
        if given:
            raise UsageError(
                f"--resume goes on with the settings that the run began with: leave out {', '.join(given)}"
            )
        _resume(_Command(db, as_json, start), run, machine)
        return
    if run is not None:
        raise UsageError("--run names a run to go on with: use it together with --resume")
    options = {"proposals": proposals, "target": target, "batch": batch, "seed": seed}
    settings = _changed(load_config(config), "sandbox", machine)
    settings = _changed(settings, "growth", {**options, "admit_uncalibrated": admit_uncalibrated or None})
    spec = proposer or PROPOSER
    kind, _, place = spec.partition(":")
    if kind == "replay" and place:
        spec = f"replay:{Path(place).resolve()}"  # --resume may come from another folder
    _start(_Command(db, as_json, start), seeds or data_folder("seeds"), spec, settings, record)


def _changed(config: Config, table: str, options: dict[str, Any]) -> Config:
    """`config` with the options that were given on the command line."""
    from envforge.config import change

    given = {name: value for name, value in options.items() if value is not None}
    section = change(getattr(config, table), given, "the command line", table)
    return dataclasses.replace(config, **{table: section})


@dataclasses.dataclass(frozen=True, slots=True)
class _Command:
    """One call of `envforge grow`: on which registry, how it speaks and when it began."""

    db: str
    as_json: bool
    start: float

    @property
    def again(self) -> str:
        return f"envforge grow --db {shlex.quote(self.db)}"

    @property
    def go_on(self) -> str:
        return f"interrupted; go on with: {self.again} --resume"


def _start(command: _Command, seeds: Path, spec: str, config: Config, record: Path | None) -> None:
    """A new run."""
    from envforge import growth
    from envforge.cli.programs import sandboxed
    from envforge.cli.progress import GrowthDisplay
    from envforge.proposers import make_proposer
    from envforge.registry import Registry
    from envforge.sources import read_folder

    on_interrupt(f"interrupted before the first proposal; start again with: {command.again}")
    sources = read_folder(seeds)
    # Before the seeds are examined, which takes a while: a proposer that cannot be had is said at once.
    options = config.growth
    proposer = make_proposer(spec, seed=options.seed, exemplars=options.exemplars, record=record)
    with (
        closing(proposer),
        sandboxed(config.sandbox) as sandbox,
        Registry.open(command.db, create=True) as registry,
        GrowthDisplay(stderr=command.as_json) as display,
    ):
        _head(display, sandbox, command.db, str(seeds), spec)
        planted = growth.plant(registry, sandbox, config, sources, display)
        notes = {"seeds": str(seeds.resolve()), "record": str(record.resolve()) if record else None}
        row = growth.begin(registry, sandbox, config, spec, sys.argv, **notes)
        _grow(command, registry, sandbox, proposer, config, row, display, planted)


def _resume(command: _Command, number: int | None, machine: dict[str, int | None]) -> None:
    """An unfinished run, with the settings in its row. Its seeds were planted before it began."""
    from envforge import growth
    from envforge.cli.programs import sandboxed
    from envforge.cli.progress import GrowthDisplay
    from envforge.config import config_from
    from envforge.proposers import make_proposer
    from envforge.registry import Registry

    on_interrupt(command.go_on)
    with Registry.open(command.db) as registry:
        row = growth.resumable(registry, number)
        stored = {name: value for name, value in row.config.items() if name not in ("process", "notes")}
        notes = row.config.get("notes", {})
        config = _changed(config_from(stored, f"run {row.id} of {command.db}"), "sandbox", machine)
        record = Path(notes["record"]) if notes.get("record") else None
        options = config.growth
        proposer = make_proposer(row.proposer, seed=options.seed, exemplars=options.exemplars, record=record)
        with (
            closing(proposer),
            sandboxed(config.sandbox) as sandbox,
            GrowthDisplay(stderr=command.as_json) as display,
        ):
            _head(display, sandbox, command.db, notes.get("seeds", "unknown"), row.proposer)
            row = registry.resume_run(row.id)
            _grow(command, registry, sandbox, proposer, config, row, display, [])


def _head(display: GrowthDisplay, sandbox: Sandbox, db: str, seeds: str, proposer: str) -> None:
    """What is about to run where."""
    from envforge.cli.display import facts, isolation

    level, layers = f"{isolation(sandbox.level)}: {sandbox.level.title}", sandbox.reports[-1].reason
    pairs = {"registry": db, "seeds": seeds, "proposer": proposer, "isolation": level, "layers": layers}
    display.console.print(facts(pairs))


def _grow(
    command: _Command,
    registry: Registry,
    sandbox: Sandbox,
    proposer: Proposer,
    config: Config,
    row: RunRecord,
    display: GrowthDisplay,
    planted: list[Decision],
) -> None:
    """The loop itself, and what it came to."""
    from envforge import embedding
    from envforge.cli import summary
    from envforge.growth import Growth
    from envforge.novelty import NoveltyGate

    on_interrupt(command.go_on)
    novelty = NoveltyGate(config.novelty, embedding.choose(config.novelty.embeddings))
    result = Growth(registry, sandbox, proposer, novelty, config, display).run(row)
    on_interrupt(f"interrupted after run {row.id} was finished")
    display.end()
    total = time.perf_counter() - command.start
    if command.as_json:
        summary.print_summary(registry, row, result, planted, total)
    else:
        summary.show(display.console, registry, row, result, planted, sum(display.counts.values()), total)
