"""Loading a package of environments back into a registry. Nothing that it says of its programs is taken on trust."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from envforge import __version__
from envforge.config import Config, as_dict
from envforge.contract import Proposal
from envforge.export.package.manifest import Entry, Package, check_program
from envforge.sandbox import Sandbox
from envforge.validation import Validator
from envforge.verdict import Examination

if TYPE_CHECKING:
    from envforge.registry import Registry, Transaction


@dataclass(frozen=True, slots=True)
class Refused:
    """An environment that does not pass the gates here: the gate, and why."""

    entry: Entry
    stage: str
    reason: str


@dataclass(frozen=True, slots=True)
class Import:
    """What became of a package: entries that were taken, that the registry held already, and that failed a gate.

    `orphans` counts the parents of taken ones that the registry does not hold. `run` is None when nothing was taken.
    """

    taken: tuple[Entry, ...]
    known: tuple[Entry, ...]
    refused: tuple[Refused, ...]
    orphans: int
    run: int | None


def load_package(
    package: Package,
    registry: Registry,
    sandbox: Sandbox,
    config: Config,
    command: Sequence[str],
    advance: Callable[[], None],
) -> Import:
    """Put every environment of `package` that passes the gates into `registry`, with its status, parents,
    calibrations and whether it is held out; what the registry holds already stays as it is.

    The gates are run again; `advance` is called after each environment. Then all is written in one transaction, as a
    finished run: after an interruption there is nothing. Raises UsageError when the manifest says something of a
    program that its source does not, and SandboxError.
    """
    known = tuple(entry for entry in package.entries if registry.status(entry.id) is not None)
    new = [entry for entry in package.entries if entry not in known]
    examinations = _examined(package, new, sandbox, config, advance)
    passed: list[tuple[Entry, Examination]] = []
    refused = []
    for entry, examination in zip(new, examinations):
        if examination.program is not None:
            check_program(entry, examination.program)
        failure = examination.failure
        if failure is None:
            passed.append((entry, examination))
        else:
            refused.append(Refused(entry, failure.stage.value, failure.reason))
    run, orphans = None, 0
    if passed:
        with registry.transaction() as transaction:
            run = transaction.add_run(
                proposer=f"import:{package.module}",
                seed=0,
                config={**as_dict(config), "notes": {"package": package.module, "digest": package.digest}},
                version=__version__,
                isolation=str(sandbox.level.value),
                command=list(command),
                policy=None,
                kind="grow",
            )
            for index, (entry, examination) in enumerate(passed):
                orphans += sum(transaction.has(parent) is None for parent in entry.parents)
                _record(transaction, run, index, entry, examination, package.module)
            transaction.set_run_state(run, "finished")
    return Import(tuple(entry for entry, _ in passed), known, tuple(refused), orphans, run)


def _examined(
    package: Package,
    entries: Sequence[Entry],
    sandbox: Sandbox,
    config: Config,
    advance: Callable[[], None],
) -> list[Examination]:
    validator = Validator(sandbox, config.validation)
    pool = ThreadPoolExecutor(sandbox.workers, "imports")
    try:
        futures = [pool.submit(validator.examine, package.sources[entry.id]) for entry in entries]
        found = []
        for future in futures:
            found.append(future.result())
            advance()
        return found
    finally:
        # An interruption must not wait for examinations that nobody will look at.
        pool.shutdown(wait=False, cancel_futures=True)


def _record(
    transaction: Transaction, run: int, index: int, entry: Entry, examination: Examination, module: str
) -> None:
    source = examination.source
    proposal = Proposal(index, f"import:{module}", "import", source, entry.parents)
    # What is retired was accepted once, and keeps its place in the order of acceptance.
    accepted = "validated" if entry.status == "validated" else "admitted"
    outcome = transaction.record(run, proposal, examination, accepted, origin=entry.origin, depth=entry.depth)
    if outcome == "duplicate":  # somebody else has brought it meanwhile
        return
    transaction.set_status(entry.id, entry.status, f"imported from {module}", run)
    for calibration in entry.calibrations:
        transaction.add_calibration(calibration, "", run)
    if entry.held_out is not None:
        transaction.hold_out([entry.id], entry.held_out, run)
