"""Seeds: examined like any candidate, and admitted without a solver."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from envforge.config import Config
from envforge.contract import content_id
from envforge.errors import UsageError
from envforge.growth.decisions import Decision, Watcher
from envforge.registry import Registry
from envforge.sandbox import Sandbox
from envforge.sources import SourceFile
from envforge.validation import Validator
from envforge.verdict import Examination


def plant(
    registry: Registry, sandbox: Sandbox, config: Config, seeds: Sequence[SourceFile], watcher: Watcher
) -> list[Decision]:
    """Examine the seeds that the registry does not know yet and admit those that pass every gate, one by one, so
    that what was examined before an interruption is kept.

    Raises UsageError when no seed is left to grow from.
    """
    validator = Validator(sandbox, config.validation)
    new = [seed for seed in seeds if registry.status(content_id(seed.source)) is None]
    watcher.planting(len(new))
    decisions = []
    pool = ThreadPoolExecutor(sandbox.workers, "seeds")
    try:
        futures = [pool.submit(validator.examine, seed.source) for seed in new]
        for seed, future in zip(new, futures):
            examination = future.result()
            if examination.passed:
                with registry.transaction() as transaction:
                    transaction.add_seed(examination, seed.path.name, None)
            decision = _planted(seed, examination)
            decisions.append(decision)
            watcher.planted(decision)
    finally:
        # An interruption must not wait for examinations that nobody will look at.
        pool.shutdown(wait=False, cancel_futures=True)
    if not registry.library():
        reasons = "; ".join(f"{d.title}: {d.stage} {d.reason}" for d in decisions if d.outcome == "rejected")
        raise UsageError(
            f"no seed passed the gates, so there is nothing to grow from ({reasons or 'no seeds'})"
        )
    return decisions


def _planted(seed: SourceFile, examination: Examination) -> Decision:
    failure = examination.failure
    seconds = sum(verdict.seconds for verdict in examination.verdicts)
    title = examination.program.title if examination.program else seed.path.name
    if failure is None:
        return Decision(-1, title, "admitted", None, "", seconds, examination.id)
    return Decision(-1, title, "rejected", failure.stage.value, failure.reason, seconds, examination.id)
