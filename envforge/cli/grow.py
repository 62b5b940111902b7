"""`envforge grow`: seeds -> proposals -> gates -> review -> calibration -> registry. Only wires; the loop is
`envforge.growth`."""

from __future__ import annotations

import dataclasses
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envforge.cli.exits import on_interrupt
from envforge.cli.options import DATABASE, AsJson, ConfigFile, Database, Isolation, PolicyVersion

if TYPE_CHECKING:
    from envforge.cli.progress import GrowthDisplay
    from envforge.config import Config
    from envforge.growth import Decision
    from envforge.policies.clock import Clock
    from envforge.policies.flight import Flight
    from envforge.proposers import Proposer
    from envforge.registry import Registry, RunRecord
    from envforge.sandbox import Sandbox

PROPOSER = "compose"


def grow(
    seeds: Annotated[
        Path | None,
        typer.Option(
            "--seeds", metavar="FOLDER", help="Programs to start from (default: the text seeds that ship)."
        ),
    ] = None,
    db: Database = DATABASE,
    proposer: Annotated[
        str | None,
        typer.Option(
            "--proposer",
            metavar="SPEC",
            help="Who writes programs: policy (the default with --policy), compose (the default without; needs no "
            "model), replay:FILE, or another policy's spec.",
        ),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy",
            metavar="SPEC",
            help="The model that proposes, reviews and calibrates: openai:URL#MODEL, transformers:PATH, vllm:PATH, "
            "smollm2 or replay:FILE. Without one nothing is admitted, only validated.",
        ),
    ] = None,
    policy_version: PolicyVersion = None,
    proposals: Annotated[
        int | None, typer.Option("--proposals", metavar="N", help="Proposals at most (default 60).")
    ] = None,
    target: Annotated[
        int | None,
        typer.Option(
            "--target",
            metavar="N",
            help="Stop after so many new environments, admitted ones with a policy (default: no target).",
        ),
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option(
            "--max-tokens", metavar="N", help="Begin nothing more after so many tokens, prompts included."
        ),
    ] = None,
    max_minutes: Annotated[
        float | None,
        typer.Option("--max-minutes", metavar="MINUTES", help="Begin nothing more after so long."),
    ] = None,
    repairs: Annotated[
        int | None,
        typer.Option(
            "--repairs", metavar="N", help="Rounds of repair of what fails a gate (default 2; 0: none)."
        ),
    ] = None,
    batch: Annotated[
        int | None,
        typer.Option(
            "--batch",
            metavar="N",
            help="Proposals made from one view of the library (default 8); two batches are under way at once.",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Seed of the run's random streams (default 0).")
    ] = None,
    visual: Annotated[
        bool,
        typer.Option(
            "--visual",
            metavar="",
            help="Propose visual environments; the seeds are then all that ship, 60 visual ones among them.",
        ),
    ] = False,
    config: ConfigFile = None,
    isolation: Isolation = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", help="Sandbox processes at once (default: one per core)."),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(
            "--record", metavar="FILE", help="Keep what the policy or proposer said, for replay:FILE."
        ),
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
        "--policy": policy,
        "--policy-version": policy_version,
        "--max-tokens": max_tokens,
        "--max-minutes": max_minutes,
        "--repairs": repairs,
        "--proposals": proposals,
        "--target": target,
        "--batch": batch,
        "--seed": seed,
        "--config": config,
        "--record": record,
        "--admit-uncalibrated": admit_uncalibrated or None,
        "--visual": visual or None,
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
    if policy is None and policy_version is not None:
        raise UsageError("--policy-version names the weights of a policy: use it together with --policy")
    options = {
        "proposals": proposals,
        "target": target,
        "batch": batch,
        "seed": seed,
        "max_tokens": max_tokens,
        "max_minutes": max_minutes,
        "repairs": repairs,
        "admit_uncalibrated": admit_uncalibrated or None,
        "visual": visual or None,
    }
    settings = _changed(_changed(load_config(config), "sandbox", machine), "growth", options)
    who = _Voices(
        _absolute(proposer or (PROPOSER if policy is None else "policy")),
        policy and _absolute(policy),
        policy_version,
        record and record.resolve(),
    )
    shipped = data_folder("seeds") if settings.growth.visual else data_folder("seeds") / "text"
    _start(_Command(db, as_json, start), seeds or shipped, who, settings)


def _absolute(spec: str) -> str:
    """`spec` with the path of a recording made absolute: --resume may come from another folder."""
    kind, _, place = spec.partition(":")
    if kind == "record":
        file, comma, inner = place.partition(",")
        return f"record:{Path(file).resolve()}{comma}{_absolute(inner)}" if file else spec
    return f"replay:{Path(place).resolve()}" if kind == "replay" and place else spec


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


@dataclasses.dataclass(frozen=True, slots=True)
class _Voices:
    """Who proposes, who reviews and solves, and where what they say is kept."""

    proposer: str
    policy: str | None
    version: str | None  # what the user calls the policy's weights
    record: Path | None

    @property
    def notes(self) -> dict[str, Any]:
        """What a resumption needs to know besides the proposer, as JSON."""
        return {
            "policy": self.policy,
            "policy_version": self.version,
            "record": str(self.record) if self.record else None,
        }

    @contextmanager
    def speaking(self, config: Config, clock: Clock) -> Iterator[tuple[Proposer, Flight | None]]:
        """The proposer, and the requests to the policy; closed at the end.

        With a policy it is its replies that are recorded: all that was proposed follows from them.
        """
        from envforge.policies.flight import Flight
        from envforge.policies.kinds import make_policy
        from envforge.proposers import make_proposer

        growth = config.growth

        def proposer(record: Path | None, flight: Flight | None) -> Proposer:
            return make_proposer(
                self.proposer,
                seed=growth.seed,
                exemplars=growth.exemplars,
                record=record,
                flight=flight,
                config=config.policy,
                visual=growth.visual,
            )

        if self.policy is None:
            with closing(proposer(self.record, None)) as alone:
                yield alone, None
            return
        spec = f"record:{self.record},{self.policy}" if self.record else self.policy
        with (
            closing(make_policy(spec, version=self.version, say=_warn)) as policy,
            closing(Flight(policy, config.policy.concurrency, clock)) as flight,
            closing(proposer(None, flight)) as asking,
        ):
            yield asking, flight


def _warn(sentence: str) -> None:
    from envforge.cli.display import WARN, tell

    tell(sentence, WARN)


def _version(flight: Flight | None) -> str | None:
    """Which weights answer; asking may load a model."""
    from envforge.cli.progress import slow

    if flight is None:
        return None
    with slow(f"asking {flight.policy.name} for its version"):
        return flight.policy.version


def _start(command: _Command, seeds: Path, who: _Voices, config: Config) -> None:
    """A new run."""
    from envforge import growth
    from envforge.cli.programs import sandboxed
    from envforge.cli.progress import GrowthDisplay
    from envforge.policies.clock import Clock
    from envforge.registry import Registry
    from envforge.sources import read_folder

    on_interrupt(f"interrupted before the first proposal; start again with: {command.again}")
    growth.check(config)
    sources = read_folder(seeds)
    clock = Clock()
    # Before the seeds are examined, which takes a while: a model that cannot be had is said at once.
    with who.speaking(config, clock) as (proposer, flight):
        version = _version(flight)
        with (
            sandboxed(config.sandbox, partial(clock.during, growth.SANDBOX)) as sandbox,
            Registry.open(command.db, create=True) as registry,
            GrowthDisplay(stderr=command.as_json) as display,
        ):
            _head(display, sandbox, command.db, str(seeds), who, version)
            planted = growth.plant(registry, sandbox, config, sources, display)
            notes = {"seeds": str(seeds.resolve()), **who.notes}
            row = growth.begin(registry, sandbox, config, who.proposer, sys.argv, version, notes)
            _grow(command, registry, sandbox, proposer, flight, config, row, display, planted)


def _resume(command: _Command, number: int | None, machine: dict[str, int | None]) -> None:
    """An unfinished run, with the settings in its row. Its seeds were planted before it began."""
    from envforge import growth
    from envforge.cli.programs import sandboxed
    from envforge.cli.progress import GrowthDisplay
    from envforge.config import config_from
    from envforge.errors import UsageError
    from envforge.policies.clock import Clock
    from envforge.registry import Registry

    on_interrupt(command.go_on)
    with Registry.open(command.db) as registry:
        row = growth.resumable(registry, number)
        stored = {name: value for name, value in row.config.items() if name not in ("process", "notes")}
        notes = row.config.get("notes", {})
        config = _changed(config_from(stored, f"run {row.id} of {command.db}"), "sandbox", machine)
        record = Path(notes["record"]) if notes.get("record") else None
        who = _Voices(row.proposer, notes.get("policy"), notes.get("policy_version"), record)
        clock = Clock()
        with who.speaking(config, clock) as (proposer, flight):
            version = _version(flight)
            if version != row.policy:
                raise UsageError(
                    f"run {row.id} was begun with the policy version {row.policy}, and now it is {version}: "
                    "what both admit cannot be compared, so start a new run"
                )
            with (
                sandboxed(config.sandbox, partial(clock.during, growth.SANDBOX)) as sandbox,
                GrowthDisplay(stderr=command.as_json) as display,
            ):
                _head(display, sandbox, command.db, notes.get("seeds", "unknown"), who, version)
                row = registry.resume_run(row.id)
                _grow(command, registry, sandbox, proposer, flight, config, row, display, [])


def _head(
    display: GrowthDisplay, sandbox: Sandbox, db: str, seeds: str, who: _Voices, version: str | None
) -> None:
    """What is about to run where."""
    from envforge.cli.display import facts, isolation

    level, layers = f"{isolation(sandbox.level)}: {sandbox.level.title}", sandbox.reports[-1].reason
    pairs = {"registry": db, "seeds": seeds, "proposer": who.proposer}
    if who.policy is not None:
        pairs |= {"policy": who.policy, "version": version or ""}
    display.console.print(facts({**pairs, "isolation": level, "layers": layers}))


def _grow(
    command: _Command,
    registry: Registry,
    sandbox: Sandbox,
    proposer: Proposer,
    flight: Flight | None,
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
    result = Growth(registry, sandbox, proposer, novelty, config, display, flight).run(row)
    on_interrupt(f"interrupted after run {row.id} was finished")
    display.end()
    total = time.perf_counter() - command.start
    if command.as_json:
        summary.print_summary(registry, row, result, planted, total)
    else:
        summary.show(display.console, registry, row, result, planted, display.made, total)
