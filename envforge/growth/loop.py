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
from envforge.contract import LibraryEntry, content_id
from envforge.errors import EnvforgeError
from envforge.growth.crew import Crew
from envforge.growth.decisions import Decision, Summary, Watcher, recount
from envforge.growth.pipeline import Candidate, Pipeline, Round, View
from envforge.novelty import NoveltyGate
from envforge.policies import NoReply
from envforge.policies.flight import POLICY, Flight
from envforge.proposers import Plan, Proposer
from envforge.registry import ACCEPTED, Registry, RunRecord, Transaction
from envforge.reward import generator_reward
from envforge.sandbox import Sandbox
from envforge.verdict import Examination, Stage, Verdict

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
        self._cursor = 0
        self._accepted: list[tuple[int, LibraryEntry]] = []  # with their sequence
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
        self._take_in(self.registry.entries(0))
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
        """The admitted and the accepted environments as they were for index `boundary`: what a resumed run must
        see to propose the same again."""
        self._take_in(self.registry.entries(self._cursor))
        own = {
            proposal.environment_id
            for proposal in self.registry.proposals(record.id)
            if proposal.index < boundary and proposal.outcome in ACCEPTED
        }
        status = self.registry.statuses()
        accepted = [
            entry for sequence, entry in self._accepted if sequence <= record.base or entry.program.id in own
        ]
        accepted = [entry for entry in accepted if status[entry.program.id] in ACCEPTED]
        return [entry for entry in accepted if status[entry.program.id] == "admitted"], accepted

    def _decide(self, record: RunRecord, group: Sequence[tuple[int, Candidate]], summary: Summary) -> None:
        """Decide candidates in one writer transaction, in the order of their indices, up to the target."""
        decisions: list[tuple[Decision, list[tuple[str, str | None]], dict[str, Any]]] = []
        with self.registry.transaction() as transaction:
            counted = dataclasses.replace(summary, outcomes=dict(summary.outcomes))
            for _, candidate in group:
                if self._reached(counted):
                    break
                # What another grower has accepted since counts as much as our own.
                self._take_in(transaction.entries(self._cursor))
                decision, rounds, usage = self._record(transaction, record, candidate)
                decisions.append((decision, rounds, usage))
                counted.outcomes[decision.outcome] = counted.outcomes.get(decision.outcome, 0) + 1
        for decision, rounds, usage in decisions:
            summary.count(rounds, usage)
            self.watcher.decided(decision)

    def _take_in(self, entries: Sequence[tuple[int, LibraryEntry]]) -> None:
        for sequence, entry in entries:
            self._cursor = sequence
            self._accepted.append((sequence, entry))

    def _record(
        self, transaction: Transaction, record: RunRecord, candidate: Candidate
    ) -> tuple[Decision, list[tuple[str, str | None]], dict[str, Any]]:
        """Write down every round of a candidate, and what the last one comes to."""
        final = candidate.final
        verdict, examination = self._verdict(transaction, final)
        examined = examination is not None and bool(examination.verdicts)
        outcome, status = _outcome(verdict, candidate, examined, self.config.growth.admit_uncalibrated)
        proposal = final.proposal
        if candidate.unfinished:
            proposal = dataclasses.replace(proposal, problem=candidate.unfinished)
        parents = proposal.parents
        depth = 1 + max((e.depth for _, e in self._accepted if e.program.id in parents), default=-1)
        usage = self._usage(candidate, examination)
        rounds: list[tuple[str, str | None]] = []
        for round in candidate.rounds[:-1]:
            failed = round.examination.failure if round.examination else None
            transaction.record(
                record.id, round.proposal, round.examination, "rejected", "rejected",
                origin=proposal.proposer, depth=depth,
            )  # fmt: skip
            rounds.append(("rejected", failed.stage.value if failed else None))
        transaction.record(
            record.id, proposal, examination, outcome, status, origin=proposal.proposer, depth=depth,
            usage=usage, policy=record.policy, **self._vectors(examination if outcome in ACCEPTED else None),
        )  # fmt: skip
        rounds.append((outcome, verdict.stage.value if verdict else None))
        if examination is not None and outcome != "duplicate" and record.policy is not None:
            transaction.add_reviews(examination.id, record.policy, candidate.reviews, record.id)
            if candidate.calibration is not None:
                level = str(self.sandbox.level.value)
                transaction.add_calibration(candidate.calibration, level, record.id)
        decision = Decision(
            proposal.index,
            # An operation names its exemplars after what was asked: nothing that helps in a list.
            examination.program.title
            if examination and examination.program
            else proposal.operation.partition(" from ")[0],
            outcome,
            verdict.stage.value if verdict else None,
            verdict.reason if verdict else candidate.unfinished,
            sum(verdict.seconds for verdict in examination.verdicts) if examination else 0.0,
            examination.id if examination else None,
            len(candidate.rounds) - 1,
            candidate.calibration.rate if candidate.calibration else None,
            sum(candidate.tokens.values()),
        )
        return decision, rounds, usage

    def _verdict(self, transaction: Transaction, final: Round) -> tuple[Verdict | None, Examination | None]:
        """What stands against the last round, None when nothing does; and its examination, novelty included."""
        proposal, examination = final.proposal, final.examination
        if proposal.source is None:
            return Verdict(Stage.PROPOSAL, False, proposal.problem or "no program in the reply"), None
        known = transaction.has(content_id(proposal.source))
        if known is not None or examination is None:
            duplicate = Verdict(Stage.NOVELTY, False, f"the same source is in the registry already ({known})")
            return duplicate, Examination(proposal.source, content_id(proposal.source), ())
        gates = [v for v in examination.verdicts if v.stage not in (Stage.REVIEW, Stage.CALIBRATION)]
        failure = next((verdict for verdict in gates if not verdict.passed), None)
        if failure is not None:
            return failure, examination
        assert examination.program is not None and examination.profile is not None
        novelty = self.novelty.judge(examination.program, examination.profile, [e for _, e in self._accepted])
        novelty = dataclasses.replace(novelty, isolation=gates[-1].isolation)
        later = examination.verdicts[len(gates) :]
        examination = dataclasses.replace(examination, verdicts=(*gates, novelty, *later))
        return examination.failure, examination

    def _usage(self, candidate: Candidate, examination: Examination | None) -> dict[str, Any]:
        """What the candidate cost, and what it would have earned its generator (EvoEnv): null where it passed
        every gate that the reward looks at and has no pass rate, as after a review that rejects."""
        if self.flight is None:
            return {"tokens": candidate.tokens}
        verdicts = examination.verdicts if examination else ()
        if candidate.final.proposal.source is None:
            verdicts = (Verdict(Stage.PROPOSAL, False),)
        elif not verdicts:  # a source that is known
            verdicts = (Verdict(Stage.NOVELTY, False),)
        novelty = next((v for v in verdicts if v.stage is Stage.NOVELTY), None)
        similarity = novelty.evidence.get("similarity") if novelty else None
        rate = candidate.calibration.rate if candidate.calibration else None
        gates = [v for v in verdicts if v.stage not in (Stage.REVIEW, Stage.CALIBRATION)]
        if rate is None and all(verdict.passed for verdict in gates):
            return {"tokens": candidate.tokens, "reward": None}
        reward = generator_reward(verdicts, rate, similarity, self.config.reward)
        return {"tokens": candidate.tokens, "reward": reward.value}

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


def _outcome(
    verdict: Verdict | None, candidate: Candidate, examined: bool, uncalibrated: bool
) -> tuple[str, str | None]:
    """(outcome, status) of a candidate against which `verdict` stands; not `examined` is a source that is known.

    What this policy solves always or never stays validated: for another one it may be just right.
    """
    match verdict.stage if verdict else None:
        case None if candidate.calibration is not None or (uncalibrated and not candidate.unfinished):
            return "admitted", "admitted"
        case None | Stage.CALIBRATION:
            return "validated", "validated"
        case Stage.PROPOSAL:
            return "none", None
        case Stage.NOVELTY if not examined:
            return "duplicate", None
        case _:
            return "rejected", "rejected"


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
