"""The main loop: plans -> candidates, many in flight -> decisions, strictly in the order of their indices.

A batch is planned from one view of the library: what had been decided `ahead` batches before it. So batches
overlap, and yet the same command gives the same library. Every decision is one writer transaction that either
happened or not: a run that was stopped at any moment goes on at the first index without one.
"""

from __future__ import annotations

import dataclasses
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any

from envforge.config import Config
from envforge.contract import LibraryEntry
from envforge.errors import EnvforgeError
from envforge.growth.crew import Crew
from envforge.growth.decisions import Decision, Summary, Watcher, recount
from envforge.growth.pipeline import Candidate, Pipeline, View
from envforge.growth.recording import Recorder, Rounds
from envforge.novelty import NoveltyGate
from envforge.policies import NoReply
from envforge.policies.flight import POLICY, Flight
from envforge.proposers import Plan, Proposer
from envforge.registry import ACCEPTED, Registry, RunRecord
from envforge.sandbox import Sandbox

SANDBOX = "sandbox"  # the name under which the flight's clock counts the sandbox's work
NOTHING_MORE = "the proposer has nothing more to propose"

_Pending = deque[tuple[int, "Future[Candidate | None]"]]


class Growth:
    """One run of the loop, new or resumed. `flight` leads to the policy that reviews and solves, if there is one."""

    def __init__(
        self,
        registry: Registry,
        sandbox: Sandbox,
        proposer: Proposer,
        novelty: NoveltyGate,
        config: Config,
        watcher: Watcher,
        flight: Flight | None = None,
    ) -> None:
        self.registry = registry
        self.sandbox = sandbox
        self.novelty = novelty
        self.config = config
        self.watcher = watcher
        self.flight = flight
        self.pipeline = Pipeline.made(sandbox, proposer, novelty, config, flight)
        self.recorder = Recorder(registry, sandbox, novelty, config, rewarded=flight is not None)
        self._stopped = ""  # why no further candidate is begun
        self._began = 0.0
        self._spent = 0  # tokens of earlier processes of the run

    @property
    def at_once(self) -> int:
        """Candidates under way at once: all that are planned where a policy is asked, else as many as can work."""
        growth = self.config.growth
        if self.flight is None:
            return self.sandbox.workers + 1
        return growth.batch * (growth.ahead + 1)

    def run(self, record: RunRecord) -> Summary:
        """Propose, examine and decide until the limit, the target, a budget or the proposer's end.

        What a budget ends is decided as far as it was begun: nothing that was paid for is thrown away. On
        KeyboardInterrupt the run is marked as interrupted and the exception goes on; on any other error it is
        marked as failed. Both can be resumed.
        """
        summary = Summary(record.id)
        records = self.registry.proposals(record.id)
        decided = recount(summary, records)
        self._spent = summary.all_tokens
        history = [known.operation for known in records if known.round == 0]
        self.watcher.growing(record, decided, self.config.growth.proposals, summary)
        self.recorder.take_in(self.registry.entries(0))
        if self.novelty.embedder is not None:
            self.novelty.remember(self.registry.embeddings(self.novelty.embedder.model))
        self._began = time.perf_counter()
        cpu = self.sandbox.counters.cpu_seconds
        crew = Crew(self.at_once, "candidate")
        try:
            summary.ended = self._grow(record, decided, history, crew, summary)
            summary.seconds = time.perf_counter() - self._began
            summary.sandbox_seconds = self.sandbox.counters.cpu_seconds - cpu
            if self.flight is not None and summary.seconds:
                names = {"policy": (POLICY,), "sandbox": (SANDBOX,), "both": (POLICY, SANDBOX)}
                clock, wall = self.flight.clock, summary.seconds
                summary.busy = {key: min(1.0, clock.seconds(*name) / wall) for key, name in names.items()}
            self.registry.finish_run(record.id, "finished")
            return summary
        except KeyboardInterrupt:
            self.registry.finish_run(record.id, "interrupted")
            raise
        except EnvforgeError:
            self._mark_failed(record.id)
            raise
        finally:
            self._stopped = self._stopped or "the run has ended"
            crew.close()  # what was handed in and not begun ends at once

    def _grow(
        self,
        record: RunRecord,
        decided: int,
        history: list[str],
        crew: Crew,
        summary: Summary,
    ) -> str:
        """Plan batches and decide candidates; returns why it ended."""
        size, ahead = self.config.growth.batch, self.config.growth.ahead
        batches = deque(self._batches(decided))
        pending: _Pending = deque()
        all_planned = ""
        while True:
            while batches and not all_planned and not self._over_budget(summary):
                boundary = max(0, batches[0].start // size - ahead) * size
                if boundary > decided:
                    break
                indices = [index for index in batches.popleft() if index >= decided]
                came = self._plan(record, indices, boundary, history, crew, pending)
                if came < len(indices):
                    all_planned = NOTHING_MORE
            if self._reached(summary):
                return f"the target of {self.config.growth.target} {self._goal} environments is reached"
            if not pending:
                return all_planned or self._stopped or "all proposals were made"
            pending[0][1].exception()  # waits; what it raised is raised below, in its turn
            group, ended = _ready(pending)
            decided += len(group)
            self._decide(record, group, summary)
            if ended:
                return self._stopped or NOTHING_MORE

    def _plan(
        self,
        record: RunRecord,
        indices: Sequence[int],
        boundary: int,
        history: list[str],
        crew: Crew,
        pending: _Pending,
    ) -> int:
        """Plan one batch and send its candidates off; returns how many there are."""
        library, accepted = self._libraries(record, boundary)
        view = View(accepted, lambda id: self.registry.knows(id, record.id, boundary))
        plans = self.pipeline.proposer.plan(library, history, indices)
        for plan in plans:
            pending.append((plan.index, crew.submit(partial(self._candidate, plan, view))))
            history.append(plan.operation)
        return len(plans)

    def _candidate(self, plan: Plan, view: View) -> Candidate | None:
        """In a thread: one candidate, or None where the run ends before it."""
        if self._stopped:
            return None
        try:
            return self.pipeline.run(plan, view)
        except NoReply:
            return None

    def _batches(self, decided: int) -> Iterator[range]:
        limit, size = self.config.growth.proposals, self.config.growth.batch
        for first in range(0, limit, size):
            if min(first + size, limit) > decided:
                yield range(first, min(first + size, limit))

    @property
    def _goal(self) -> str:
        return "accepted" if self.flight is None else "admitted"

    def _reached(self, summary: Summary) -> bool:
        target = self.config.growth.target
        return bool(target) and (summary.accepted if self.flight is None else summary.admitted) >= target

    def _over_budget(self, summary: Summary) -> bool:
        """Whether a budget is used up, tokens under way included; from then on no candidate is begun."""
        growth = self.config.growth
        spent = self._spent + (self.flight.meter.tokens if self.flight else 0)
        if growth.max_tokens and spent >= growth.max_tokens:
            self._stopped = f"the budget of {growth.max_tokens:,} tokens is spent"
        if growth.max_minutes and time.perf_counter() - self._began >= 60 * growth.max_minutes:
            self._stopped = f"the budget of {growth.max_minutes:g} minutes is spent"
        return bool(self._stopped)

    def _mark_failed(self, run: int) -> None:
        try:
            self.registry.finish_run(run, "failed")
        except EnvforgeError:
            pass  # the registry itself is what failed; a run left as running can be resumed as well

    def _libraries(self, record: RunRecord, boundary: int) -> tuple[list[LibraryEntry], list[LibraryEntry]]:
        """The environments to propose from and the accepted ones as they were for index `boundary`: what a resumed
        run must see to propose the same again.

        Proposed from are the admitted ones that are not held out: a variant of a held-out environment in the pool
        would give away what is held out. Novelty looks at all that were accepted.
        """
        self.recorder.take_in(self.registry.entries(self.recorder.cursor))
        own = {
            proposal.environment_id
            for proposal in self.registry.proposals(record.id)
            if proposal.index < boundary and proposal.outcome in ACCEPTED
        }
        status, held_out = self.registry.statuses(), self.registry.held_out()
        accepted = [
            entry
            for sequence, entry in self.recorder.accepted(status)
            if sequence <= record.base or entry.program.id in own
        ]
        shown = [
            entry
            for entry in accepted
            if status[entry.program.id] == "admitted" and entry.program.id not in held_out
        ]
        return shown, accepted

    def _decide(self, record: RunRecord, group: Sequence[tuple[int, Candidate]], summary: Summary) -> None:
        """Decide candidates in one writer transaction, in the order of their indices, up to the target."""
        decisions: list[tuple[Decision, Rounds, dict[str, Any]]] = []
        with self.recorder.transaction() as transaction:
            counted = dataclasses.replace(summary, outcomes=dict(summary.outcomes))
            for _, candidate in group:
                if self._reached(counted):
                    break
                decision, rounds, usage = self.recorder.decide(transaction, record, candidate)
                decisions.append((decision, rounds, usage))
                counted.outcomes[decision.outcome] = counted.outcomes.get(decision.outcome, 0) + 1
        for decision, rounds, usage in decisions:
            summary.count(rounds, usage)
            self.watcher.decided(decision)


def _ready(pending: _Pending) -> tuple[list[tuple[int, Candidate]], bool]:
    """Take the longest finished beginning off `pending`, and whether the run ends there.

    An error of the first one is raised; one of a later one in its turn, after those before it were decided.
    """
    ready: list[tuple[int, Candidate]] = []
    while pending and pending[0][1].done() and (not ready or pending[0][1].exception() is None):
        index, future = pending.popleft()
        candidate = future.result()
        if candidate is None:
            return ready, True
        ready.append((index, candidate))
    return ready, False
