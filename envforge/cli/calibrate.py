"""`envforge calibrate`: how a policy does on environments, and the admission of those that it solves in part."""

from __future__ import annotations

import dataclasses
import queue
import shlex
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envforge.cli.options import DATABASE, AsJson, ConfigFile, Database, Isolation, PolicyVersion

if TYPE_CHECKING:
    from envforge.calibration import Calibrator
    from envforge.cli.rates import Subject
    from envforge.config import Config
    from envforge.policies import Blind
    from envforge.policies.flight import Flight
    from envforge.registry import Registry
    from envforge.sandbox import Sandbox
    from envforge.verdict import Calibration


def calibrate(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH|ID",
            help="Programs: files, ids (or their first digits) in the registry, or seeds' names.",
        ),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy",
            metavar="SPEC",
            help="Who solves: openai:URL#MODEL, transformers:PATH, replay:FILE, ...",
        ),
    ] = None,
    policy_version: PolicyVersion = None,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            metavar="",
            help="Every validated and admitted environment not yet calibrated for this version.",
        ),
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", metavar="", help="With --all: also those that were calibrated for it.")
    ] = False,
    levels: Annotated[
        str | None,
        typer.Option("--levels", metavar="N,N,...", help="Levels to probe, as in 0,3,6 (default: 3)."),
    ] = None,
    instances: Annotated[
        int | None,
        typer.Option("--instances", metavar="N", help="Fresh instances per level (default: 8)."),
    ] = None,
    db: Database = DATABASE,
    config: ConfigFile = None,
    isolation: Isolation = None,
    as_json: AsJson = False,
) -> int:
    """Measure a policy's solve rate; admit validated environments that it solves in part."""
    from envforge.cli.exits import FAILED, on_interrupt
    from envforge.errors import UsageError

    if policy is None:
        raise UsageError(
            "name who is to solve the instances with --policy, as in openai:http://host/v1#MODEL"
        )
    if bool(targets) == everything:
        raise UsageError("name programs to calibrate, or give --all for every accepted one of the registry")
    if again and not everything:
        raise UsageError("--again goes with --all; programs that are named are always calibrated")
    settings = _settings(config, isolation, levels, instances)
    if everything:
        on_interrupt(
            f"interrupted; what was finished is stored, and 'envforge calibrate --all --db {shlex.quote(db)}' "
            "with the same policy goes on"
        )
    passed, total = _calibrate(
        targets or [], policy, policy_version, everything, again, settings, db, as_json
    )
    return 0 if everything or passed == total else FAILED


def _settings(file: Path | None, isolation: int | None, levels: str | None, instances: int | None) -> Config:
    """The configuration with what was given on the command line."""
    from envforge.config import change, load_config
    from envforge.errors import UsageError

    settings = load_config(file)
    options: dict[str, Any] = {} if instances is None else {"instances": instances}
    if levels is not None:
        try:
            options["levels"] = [int(level) for level in levels.split(",")]
        except ValueError as error:
            raise UsageError(f"--levels: '{levels}' is no list of whole numbers such as 0,3,6") from error
    where = "the command line"
    return dataclasses.replace(
        settings,
        calibration=change(settings.calibration, options, where, "calibration"),
        sandbox=change(
            settings.sandbox, {} if isolation is None else {"isolation": isolation}, where, "sandbox"
        ),
    )


def _calibrate(
    targets: Sequence[str],
    spec: str,
    version: str | None,
    everything: bool,
    again: bool,
    config: Config,
    db: str,
    as_json: bool,
) -> tuple[int, int]:
    """Calibrate and show; how many passed, and of how many."""
    from contextlib import ExitStack

    from envforge.calibration import Calibrator, check_levels
    from envforge.cli import display
    from envforge.cli.programs import sandboxed
    from envforge.cli.rates import Outcome, as_data, show
    from envforge.policies import Blind
    from envforge.policies.flight import Flight
    from envforge.policies.kinds import make_policy

    with ExitStack() as stack:
        solver = stack.enter_context(closing(make_policy(spec, version=version, say=display.tell)))
        registry = stack.enter_context(_registry(db)) if everything or _any_ids(targets) else None
        sandbox = stack.enter_context(sandboxed(config.sandbox))
        if everything:
            assert registry is not None
            subjects, known = _library(registry, solver.version, again)
        else:
            subjects, known = _named(targets, registry, sandbox, config), 0
        for subject in subjects:
            check_levels(subject.program, config.calibration)
        flight = stack.enter_context(closing(Flight(solver, config.policy.concurrency)))
        calibrator = Calibrator(sandbox, flight, config.calibration, config.policy)
        found: list[Outcome] = []
        unseen: list[Blind] = []
        with _progress(len(subjects)) as advance:
            for subject, calibration, seconds in _measured(calibrator, flight, subjects, config):
                advance()
                if isinstance(calibration, Blind):
                    if not everything:  # what is named is asked for
                        raise calibration
                    unseen.append(calibration)
                    continue
                status = _store(registry, subject, calibration, seconds, sandbox)
                found.append(Outcome(subject, calibration, status))
        if unseen:
            left = display.count(len(unseen), "visual environment")
            display.tell(f"{left} left as they are: {unseen[0]}", display.WARN)
        order = {subject.program.id: place for place, subject in enumerate(subjects)}
        found.sort(key=lambda outcome: order[outcome.subject.program.id])
    if as_json:
        display.print_json([as_data(row) for row in found])
    else:
        show(found, known, config.calibration.confidence)
    return sum(outcome.calibration.passed for outcome in found), len(found)


def _registry(db: str) -> Registry:
    from envforge.registry import Registry

    return Registry.open(db)


def _any_ids(targets: Sequence[str]) -> bool:
    """Whether one of `targets` can only be an id."""
    return any(not _is_source(target) for target in targets)


def _is_source(target: str) -> bool:
    """Whether `target` is a file or a seed's name, and not an id."""
    from envforge.cli.programs import shipped_seeds

    return Path(target).exists() or target in {seed.path.stem for seed in shipped_seeds()}


def _library(registry: Registry, version: str, again: bool) -> tuple[list[Subject], int]:
    """The accepted environments, and how many were left out because they are calibrated for this version."""
    from envforge.cli.rates import Subject
    from envforge.registry import ACCEPTED

    done = set() if again else registry.calibrated(version)
    subjects = [
        Subject(entry.program, entry.profile, status)
        for status in ACCEPTED
        for entry in registry.library((status,))
    ]
    wanted = [subject for subject in subjects if subject.program.id not in done]
    return wanted, len(subjects) - len(wanted)


def _named(
    targets: Sequence[str], registry: Registry | None, sandbox: Sandbox, config: Config
) -> list[Subject]:
    """What the user named, each once; files pass the gates L1 to L5 first, which measures their guess floors."""
    from envforge.cli.exits import Finding
    from envforge.cli.programs import find_source
    from envforge.cli.progress import slow
    from envforge.cli.rates import Subject
    from envforge.errors import UsageError
    from envforge.registry import ACCEPTED
    from envforge.validation import Validator

    found: dict[str, Subject] = {}
    for target in targets:
        if registry is not None and not _is_source(target):
            record = registry.environment(target)
            if record.status not in ACCEPTED or record.program is None or record.profile is None:
                raise UsageError(
                    f"{record.id} is {record.status}: only validated and admitted environments are calibrated"
                )
            found[record.id] = Subject(record.program, record.profile, record.status)
            continue
        with slow(f"checking {target}"):
            examination = Validator(sandbox, config.validation).examine(find_source(target, ""))
        failure = examination.failure
        if failure is not None or examination.program is None or examination.profile is None:
            why = f" ({failure.stage}: {failure.reason})" if failure is not None else ""
            raise Finding(f"{target} cannot be calibrated because it does not pass its gates{why}")
        found.setdefault(examination.id, Subject(examination.program, examination.profile, None))
    return list(found.values())


def _measured(
    calibrator: Calibrator, flight: Flight, subjects: Sequence[Subject], config: Config
) -> Iterator[tuple[Subject, Calibration | Blind, float]]:
    """Each subject with its calibration and its seconds, as they are finished; so many at once that the policy has
    enough to do. Blind stands for the calibration of one whose pictures the policy does not take. The threads are
    daemons: Ctrl-C must not wait for replies that nobody will read."""
    from envforge.policies import Blind

    waiting: queue.SimpleQueue[Subject] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[Subject, Calibration | Blind, float] | BaseException] = queue.SimpleQueue()
    stopped = threading.Event()
    for subject in subjects:
        waiting.put(subject)

    def work() -> None:
        try:
            while not stopped.is_set():
                start, subject = time.perf_counter(), waiting.get_nowait()
                result: Calibration | Blind
                try:
                    result = calibrator.measure(subject.program, subject.profile)
                except Blind as error:
                    result = error
                done.put((subject, result, time.perf_counter() - start))
        except queue.Empty:
            pass
        except BaseException as error:
            done.put(error)

    # One more than fills the flight: instances are made and answers scored while the others wait for replies.
    side_by_side = min(len(subjects), 1 + -(-config.policy.concurrency // calibrator.requests))
    for _ in range(side_by_side):
        threading.Thread(target=work, name="calibrate", daemon=True).start()
    try:
        for _ in subjects:
            outcome = done.get()
            if isinstance(outcome, BaseException):
                raise outcome
            yield outcome
    finally:
        stopped.set()
        flight.close()


def _store(
    registry: Registry | None, subject: Subject, calibration: Calibration, seconds: float, sandbox: Sandbox
) -> str:
    """Write one calibration down, and admit what passed; the verdict in one word.

    Never the other way: an admitted environment that has become too easy or too hard is the pool's affair.
    """
    from envforge.calibration import judge

    word = "passed" if calibration.passed else "failed"
    if registry is None or subject.status is None:
        return word
    level, id = str(sandbox.level.value), subject.program.id
    with registry.transaction() as transaction:
        transaction.add_calibration(calibration, isolation=level)
        verdict = judge(calibration, seconds=seconds, isolation=level)
        transaction.add_verdict(id, verdict, policy=calibration.policy)
        if calibration.passed and transaction.has(id) == "validated":
            figures = f"{calibration.rate:.2f}, interval {calibration.low:.2f} to {calibration.high:.2f}"
            transaction.set_status(id, "admitted", f"calibrated: {calibration.policy} solves {figures}")
            return "admitted"
    return word


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar with a rate on a terminal's standard error; elsewhere a line for each, once it takes long."""
    from envforge.cli.display import screen, tell
    from envforge.cli.progress import SLOW_SECONDS

    console, start, made = screen(stderr=True), time.perf_counter(), 0

    def rate() -> str:
        return f"{60 * made / max(time.perf_counter() - start, 1e-9):.0f}/min" if made else ""

    if not console.is_terminal:

        def say() -> None:
            nonlocal made
            made += 1
            if time.perf_counter() - start > SLOW_SECONDS and total > 1:
                tell(f"calibrated {made} of {total}, {rate()}")

        yield say
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("calibrating"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[rate]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("calibrating", total=total, rate="")

        def move() -> None:
            nonlocal made
            made += 1
            bar.update(task, advance=1, rate=rate())

        yield move
