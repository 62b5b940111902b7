"""The main loop: seeds -> proposals -> validation -> novelty -> registry.

It only wires. Proposals are made in batches from one view of the library, examined side by side, and decided
strictly in the order of their indices, so that the same command gives the same library. Every decision is one
row that either exists or not: a run that was stopped at any moment goes on at the first index without one.
"""

from __future__ import annotations

import dataclasses
import os
import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from envforge import __version__
from envforge.config import Config, as_dict
from envforge.contract import LibraryEntry, Proposal, content_id
from envforge.errors import EnvforgeError, UsageError
from envforge.novelty import NoveltyGate
from envforge.proposers import Proposer
from envforge.registry import Registry, RunRecord, Transaction
from envforge.sandbox import Sandbox
from envforge.sources import SourceFile
from envforge.validation import Validator
from envforge.verdict import Examination, Stage, Verdict

ACCEPTED = ("admitted", "validated")


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one proposal or seed, as shown while it happens."""

    index: int  # -1 for a seed
    title: str
    outcome: str  # "admitted", "validated", "rejected", "duplicate", "none"
    stage: str | None
    reason: str
    seconds: float  # of examination
    environment: str | None = None


class Watcher(Protocol):
    """Told what happens; never asked anything."""

    def planting(self, total: int) -> None: ...

    def planted(self, decision: Decision) -> None: ...

    def growing(self, run: RunRecord, done: int, limit: int) -> None: ...

    def decided(self, decision: Decision) -> None: ...


@dataclass(slots=True)
class Summary:
    """One run, counted over all its proposals, those before a resumption included."""

    run: int
    proposals: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    stages: dict[str, int] = field(default_factory=dict)  # rejections by stage
    seconds: float = 0.0  # wall time of this process
    ended: str = ""  # why it stopped

    @property
    def accepted(self) -> int:
        return sum(self.outcomes.get(outcome, 0) for outcome in ACCEPTED)

    def count(self, outcome: str, stage: str | None) -> None:
        self.proposals += 1
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        if outcome == "rejected" and stage is not None:
            self.stages[stage] = self.stages.get(stage, 0) + 1


@dataclass(frozen=True, slots=True)
class _Examined:
    proposal: Proposal
    examination: Examination | None


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


def begin(
    registry: Registry,
    sandbox: Sandbox,
    config: Config,
    proposer: str,
    command: list[str] | None,
    **notes: Any,
) -> RunRecord:
    """Record a new run. `notes` are kept with its configuration (what `resume` needs to know)."""
    number = registry.start_run(
        proposer=proposer,
        seed=config.growth.seed,
        config={**as_dict(config), "process": _process(), "notes": notes},
        version=__version__,
        isolation=str(sandbox.level.value),
        command=command,
    )
    return registry.run(number)


def resumable(registry: Registry, number: int | None) -> RunRecord:
    """The run to go on with, marked as running again: `number`, or the newest that did not finish.

    Raises UsageError when there is none or when the process that runs it is still there, RegistryError when it
    is finished.
    """
    run = registry.run(number) if number is not None else registry.latest_unfinished_run()
    if run is None:
        raise UsageError("no unfinished run in this registry: start one without --resume")
    process = run.config.get("process", {})
    if run.state == "running" and process != _process() and _alive(process):
        raise UsageError(f"run {run.id} is going on in process {process['pid']}: stop that one first")
    return registry.resume_run(run.id, {**run.config, "process": _process()})


def _process() -> dict[str, Any]:
    pid = os.getpid()
    return {"host": socket.gethostname(), "pid": pid, "started": _started(pid)}


def _started(pid: int) -> str | None:
    """When a process started, in ticks since boot: a pid alone may have been given to another by now."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return None


def _alive(process: dict[str, Any]) -> bool:
    same_host = process.get("host") == socket.gethostname()
    return same_host and process.get("started") is not None and _started(process["pid"]) == process["started"]


class Growth:
    """One run of the loop, new or resumed."""

    def __init__(
        self,
        registry: Registry,
        sandbox: Sandbox,
        proposer: Proposer,
        novelty: NoveltyGate,
        config: Config,
        watcher: Watcher,
    ) -> None:
        self.registry = registry
        self.validator = Validator(sandbox, config.validation)
        self.workers = sandbox.workers
        self.proposer = proposer
        self.novelty = novelty
        self.config = config
        self.watcher = watcher
        self._cursor = 0
        self._accepted: list[LibraryEntry] = []

    def run(self, record: RunRecord) -> Summary:
        """Propose, examine and decide until the limit, the target or the proposer's end.

        On KeyboardInterrupt the run is marked as interrupted and the exception goes on; on any other error it
        is marked as failed. Both can be resumed.
        """
        summary = Summary(record.id)
        done = {proposal.index: proposal for proposal in self.registry.proposals(record.id)}
        for known in done.values():
            summary.count(known.outcome, known.stage)
        history = [known.operation for known in done.values()]
        self.watcher.growing(record, len(done), self.config.growth.proposals)
        self._take_in(self.registry.entries(0))
        if self.novelty.embedder is not None:
            self.novelty.remember(self.registry.embeddings(self.novelty.embedder.model))
        start = time.perf_counter()
        pool = ThreadPoolExecutor(self.workers + 1, "examination")
        try:
            for batch in self._batches():
                missing = [index for index in batch if index not in done]
                if self._reached(summary):
                    break
                if not missing:
                    continue
                library = self._view(record, batch[0])
                came = 0
                for examined in self._examine(pool, self.proposer.propose(library, history, missing)):
                    came += len(examined)
                    self._decide(record.id, examined, summary)
                    history += [item.proposal.operation for item in examined]
                if came < len(missing):
                    summary.ended = "the proposer has nothing more to propose"
                    break
            else:
                summary.ended = "all proposals were made"
            summary.seconds = time.perf_counter() - start
            self.registry.finish_run(record.id, "finished")
            return summary
        except KeyboardInterrupt:
            self.registry.finish_run(record.id, "interrupted")
            raise
        except EnvforgeError:
            self._mark_failed(record.id)
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _mark_failed(self, run: int) -> None:
        try:
            self.registry.finish_run(run, "failed")
        except EnvforgeError:
            pass  # the registry itself is what failed; a run left as running can be resumed as well

    def _batches(self) -> Iterator[range]:
        limit, size = self.config.growth.proposals, self.config.growth.batch
        for first in range(0, limit, size):
            yield range(first, min(first + size, limit))

    def _reached(self, summary: Summary) -> bool:
        target = self.config.growth.target
        if target and summary.accepted >= target:
            summary.ended = f"the target of {target} accepted environments is reached"
            return True
        return False

    def _view(self, record: RunRecord, first: int) -> list[LibraryEntry]:
        """The library as it was for index `first`: what a resumed run must see to propose the same again."""
        own = {
            proposal.environment_id
            for proposal in self.registry.proposals(record.id)
            if proposal.index < first and proposal.outcome in ACCEPTED
        }
        entries = self.registry.library()
        base = {entry.program.id for entry in self.registry.library(upto=record.base)}
        return [entry for entry in entries if entry.program.id in base or entry.program.id in own]

    def _examine(self, pool: ThreadPoolExecutor, proposals: Iterator[Proposal]) -> Iterator[list[_Examined]]:
        """Examine proposals as they come; yield them in order, in groups that are ready together."""
        waiting: list[tuple[Proposal, Future[Examination | None]]] = []
        for proposal in proposals:
            waiting.append((proposal, pool.submit(self._examination, proposal)))
            ready = _ready(waiting)
            if ready:
                yield ready
        while waiting:
            waiting[0][1].result()
            yield _ready(waiting)

    def _examination(self, proposal: Proposal) -> Examination | None:
        if proposal.source is None or self.registry.status(content_id(proposal.source)) is not None:
            return None
        return self.validator.examine(proposal.source)

    def _decide(self, run: int, group: Sequence[_Examined], summary: Summary) -> None:
        """Decide a group of proposals in one writer transaction, in the order of their indices."""
        decisions = []
        with self.registry.transaction() as transaction:
            for item in group:
                # What another grower has accepted since counts as much as our own.
                self._take_in(transaction.entries(self._cursor))
                decisions.append(self._record(transaction, run, item))
        for decision in decisions:
            summary.count(decision.outcome, decision.stage)
            self.watcher.decided(decision)

    def _take_in(self, entries: Sequence[tuple[int, LibraryEntry]]) -> None:
        for sequence, entry in entries:
            self._cursor = sequence
            self._accepted.append(entry)

    def _record(self, transaction: Transaction, run: int, item: _Examined) -> Decision:
        proposal, examination = item.proposal, item.examination
        title = examination.program.title if examination and examination.program else proposal.operation
        seconds = sum(verdict.seconds for verdict in examination.verdicts) if examination else 0.0
        depth = 1 + max((e.depth for e in self._accepted if e.program.id in proposal.parents), default=-1)
        known = transaction.has(content_id(proposal.source)) if proposal.source is not None else None

        def write(
            outcome: str, status: str | None, final: Examination | None, verdict: Verdict | None
        ) -> Decision:
            transaction.record(
                run,
                proposal,
                final,
                outcome,
                status,
                origin=proposal.proposer,
                depth=depth,
                **self._vectors(final if outcome in ACCEPTED else None),
            )
            reason = verdict.reason if verdict else ""
            stage = verdict.stage.value if verdict else None
            return Decision(
                proposal.index, title, outcome, stage, reason, seconds, final.id if final else None
            )

        if proposal.source is None:
            problem = Verdict(Stage.PROPOSAL, False, proposal.problem or "no program in the reply")
            return write("none", None, None, problem)
        if known is not None or examination is None:
            duplicate = Verdict(Stage.NOVELTY, False, f"the same source is in the registry already ({known})")
            return write("duplicate", None, _source_only(proposal.source), duplicate)
        failure = examination.failure
        if failure is not None:
            return write("rejected", "rejected", examination, failure)
        assert examination.program is not None and examination.profile is not None
        verdict = self.novelty.judge(examination.program, examination.profile, self._accepted)
        verdict = dataclasses.replace(verdict, isolation=examination.verdicts[-1].isolation)
        examination = dataclasses.replace(examination, verdicts=(*examination.verdicts, verdict))
        if not verdict.passed:
            return write("rejected", "rejected", examination, verdict)
        status = "admitted" if self.config.growth.admit_uncalibrated else "validated"
        return write(status, status, examination, None)

    def _vectors(self, examination: Examination | None) -> dict[str, Any]:
        """The embeddings to keep with an accepted environment, when there are any."""
        if examination is None or self.novelty.embedder is None:
            return {}
        assert examination.program is not None and examination.profile is not None
        vectors = self.novelty.embedding(examination.program, examination.profile)
        return {
            "embeddings": {"prompt": list(vectors.prompt), "code": list(vectors.code)},
            "embedding_model": self.novelty.embedder.model,
        }


def _source_only(source: str) -> Examination:
    return Examination(source, content_id(source), ())


def _ready(waiting: list[tuple[Proposal, Future[Examination | None]]]) -> list[_Examined]:
    """Take the longest finished beginning off `waiting`."""
    ready = []
    while waiting and waiting[0][1].done():
        proposal, future = waiting.pop(0)
        ready.append(_Examined(proposal, future.result()))
    return ready


__all__ = ["Decision", "Growth", "Summary", "Watcher", "begin", "plant", "resumable"]
