"""What a campaign looks for: everything about an examination, or about this process, that must not be."""

from __future__ import annotations

import json
import math
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import campaign
from fuzz.mutation import Mutant

from envforge import __version__
from envforge.contract import Proposal, content_id
from envforge.registry import Registry
from envforge.sandbox import Status
from envforge.verdict import Examination, Stage

ORDER = [Stage.L1, Stage.L2, Stage.L3, Stage.L4, Stage.L5]
PASSED, BEGUN, CUT, BROKEN, UNREADABLE = "passed", "begun", "cut short", "broken", "unreadable"
LONGEST_REASON = 20_000  # characters: a verdict is read by people
LONGEST_EVIDENCE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be. `number` is the mutant's, None when it cannot be pinned to one."""

    kind: str
    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one mutant. `examination` is None when there is none; `end` then says why."""

    mutant: Mutant
    source: str
    examination: Examination | None
    end: str  # a stage, or one of the words above
    seconds: float
    error: str = ""


def end_of(examination: Examination) -> str:
    """The stage where an examination ended, or "passed"."""
    failure = examination.failure
    return PASSED if failure is None else failure.stage.value


def flaws(examination: Examination) -> Iterable[Finding]:
    """What is wrong with the examination itself, whatever it says about the program."""
    stages = [verdict.stage for verdict in examination.verdicts]
    if stages != ORDER[: len(stages)] or not stages:
        yield Finding("verdicts", f"the gates ran in the order {[stage.value for stage in stages]}")
    if any(not verdict.passed for verdict in examination.verdicts[:-1]):
        yield Finding("verdicts", "the examination went on after a failure")
    if examination.passed and (len(stages) != len(ORDER) or examination.profile is None):
        yield Finding("verdicts", "it passed without having met every gate")
    if examination.id != content_id(examination.source):
        yield Finding("verdicts", "the id is not that of the source")
    for verdict in examination.verdicts:
        if verdict.passed == bool(verdict.reason):
            yield Finding(
                "verdicts", f"{verdict.stage}: passed is {verdict.passed}, the reason {verdict.reason!r}"
            )
        if not math.isfinite(verdict.seconds) or not verdict.isolation:
            yield Finding(
                "verdicts", f"{verdict.stage}: {verdict.seconds} s at isolation {verdict.isolation!r}"
            )
        try:
            text = json.dumps(verdict.evidence, allow_nan=False, ensure_ascii=False)
            size = len((text + verdict.reason).encode("utf-8"))
        except (TypeError, ValueError, RecursionError) as error:
            yield Finding("evidence", f"{verdict.stage}: {type(error).__name__}: {error}")
            continue
        if len(verdict.reason) > LONGEST_REASON or size > LONGEST_EVIDENCE:
            yield Finding(
                "evidence",
                f"{verdict.stage}: {len(verdict.reason)} characters of reason, {size} bytes in all",
            )
    yield from _faults(examination)


def _faults(examination: Examination) -> Iterable[Finding]:
    """Failures that a program can have no part in."""
    failure = examination.failure
    if failure is None:
        return
    if (
        failure.stage is Stage.L1
        and Status.CRASHED in failure.reason
        and "exit status" in str(failure.evidence)
    ):
        # Nothing of the program runs in L1, so an exception that leaves the reader is a bug of the reader.
        yield Finding("reader", f"reading the program broke the reader itself: {failure.evidence}")
    if failure.evidence.get("status") == Status.HOSTILE:
        yield Finding("hostile", failure.reason)


class Book:
    """A registry in a temporary file that takes every examination, as a run of growth would record it."""

    def __init__(self, folder: Path, seed: int, isolation: str) -> None:
        self.findings: list[Finding] = []
        self._registry = Registry.open(folder / "fuzz.db", create=True)
        self._run = self._registry.start_run(
            proposer="fuzz", seed=seed, config={}, version=__version__, isolation=isolation
        )
        self._waiting: list[Outcome] = []
        self._written = 0

    def add(self, outcome: Outcome) -> None:
        """Write an outcome down, sooner or later: transactions are dear."""
        self._waiting.append(outcome)
        if len(self._waiting) >= 200:
            self.write()

    def write(self) -> None:
        """Write down what waits; what cannot be written becomes a finding."""
        waiting, self._waiting = self._waiting, []
        try:
            self._record(waiting)
        except Exception:
            for outcome in waiting:  # one by one, to find the culprit
                try:
                    self._record([outcome])
                except Exception as error:
                    problem = f"the registry does not take it: {type(error).__name__}: {error}"
                    self.findings.append(Finding("registry", problem[:2000], outcome.mutant.number))

    def _record(self, outcomes: list[Outcome]) -> None:
        with self._registry.transaction() as transaction:
            for outcome in outcomes:
                assert outcome.examination is not None
                proposal = Proposal(
                    outcome.mutant.number, "fuzz", " ".join(outcome.mutant.steps), outcome.source
                )
                accepted = "validated" if outcome.end == PASSED else "rejected"
                transaction.record(self._run, proposal, outcome.examination, accepted, origin="fuzz", depth=0)
        self._written += len(outcomes)

    def close(self) -> None:
        """Write the rest and read everything again."""
        try:
            self.write()
            read = len(list(self._registry.proposals(self._run)))
            if read != self._written:
                self.findings.append(Finding("registry", f"{self._written} outcomes written, {read} read"))
            self._registry.library()
        except Exception as error:
            self.findings.append(
                Finding("registry", f"reading it again: {type(error).__name__}: {error}"[:2000])
            )
        finally:
            self._registry.close()


@dataclass(frozen=True, slots=True)
class Belongings:
    """What this process holds at one moment, to be compared with what it holds later."""

    descriptors: dict[str, str]
    threads: frozenset[threading.Thread]

    @classmethod
    def now(cls) -> Belongings:
        """Take stock."""
        folder = "/proc/self/fd"
        held: dict[str, str] = {}
        for name in os.listdir(folder):
            try:
                held[name] = os.readlink(f"{folder}/{name}")
            except OSError:
                pass  # the one that lists the folder
        return cls(held, frozenset(threading.enumerate()))

    def leaks(self, level: int, seconds: float = 20.0) -> Iterable[Finding]:
        """What there is now and was not then: descriptors, threads, processes, containers.

        Processes get `seconds` to end.
        """
        now = Belongings.now()
        for name, target in sorted(now.descriptors.items()):
            if name not in self.descriptors:
                yield Finding("leak", f"descriptor {name}, {target}")
        for thread in now.threads - self.threads:
            yield Finding("leak", f"thread {thread.name}")
        for left in campaign.leftovers(level, seconds):
            yield Finding("leak", left if left.startswith("container ") else f"process {left}")


def resident_mib() -> float:
    """Memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
