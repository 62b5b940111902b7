"""What was found out about a candidate becomes a decision and rows of the registry, in one writer transaction."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from envforge.config import Config
from envforge.contract import LibraryEntry, content_id
from envforge.growth.decisions import Decision
from envforge.growth.pipeline import Candidate, Round
from envforge.novelty import NoveltyGate
from envforge.registry import ACCEPTED, Registry, RunRecord, Transaction
from envforge.reward import generator_reward
from envforge.sandbox import Sandbox
from envforge.verdict import Examination, Stage, Verdict

Rounds = list[tuple[str, str | None]]  # (outcome, stage) of each round of a candidate


class Recorder:
    """Decides candidates one after the other against everything accepted so far. From one thread only.

    `rewarded` says that a policy reviews and solves, so that a candidate's usage tells what it earned its generator.
    """

    def __init__(
        self, registry: Registry, sandbox: Sandbox, novelty: NoveltyGate, config: Config, rewarded: bool
    ) -> None:
        self.registry = registry
        self.sandbox = sandbox
        self.novelty = novelty
        self.config = config
        self.rewarded = rewarded
        self.cursor = 0  # the sequence up to which entries have been taken in
        self._accepted: list[tuple[int, LibraryEntry]] = []  # with their sequence

    def take_in(self, entries: Sequence[tuple[int, LibraryEntry]]) -> None:
        """Compare with `entries` from now on: what the registry has accepted after the cursor."""
        for sequence, entry in entries:
            self.cursor = sequence
            self._accepted.append((sequence, entry))

    def accepted(self, statuses: Mapping[str, str]) -> list[tuple[int, LibraryEntry]]:
        """What was taken in and is accepted still, by `statuses` of the registry."""
        return [(number, entry) for number, entry in self._accepted if statuses[entry.program.id] in ACCEPTED]

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """The registry's writer transaction. Rolled back, what was taken in during it is forgotten again."""
        cursor, count = self.cursor, len(self._accepted)
        try:
            with self.registry.transaction() as transaction:
                yield transaction
        except BaseException:
            self.cursor = cursor
            del self._accepted[count:]
            raise

    def decide(
        self, transaction: Transaction, run: RunRecord, candidate: Candidate
    ) -> tuple[Decision, Rounds, dict[str, Any]]:
        """Write down every round of a candidate; returns what the last one comes to, all rounds, and the usage.

        `run.policy` is the version that reviewed and solved. What another process has accepted in the meantime
        counts as much as what this one has.
        """
        self.take_in(transaction.entries(self.cursor))
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
        rounds: Rounds = []
        for round in candidate.rounds[:-1]:
            failed = round.examination.failure if round.examination else None
            transaction.record(
                run.id, round.proposal, round.examination, "rejected", "rejected",
                origin=proposal.proposer, depth=depth,
            )  # fmt: skip
            rounds.append(("rejected", failed.stage.value if failed else None))
        transaction.record(
            run.id, proposal, examination, outcome, status, origin=proposal.proposer, depth=depth,
            usage=usage, policy=run.policy, **self._vectors(examination if outcome in ACCEPTED else None),
        )  # fmt: skip
        rounds.append((outcome, verdict.stage.value if verdict else None))
        if examination is not None and outcome != "duplicate" and run.policy is not None:
            transaction.add_reviews(examination.id, run.policy, candidate.reviews, run.id)
            if candidate.calibration is not None:
                level = str(self.sandbox.level.value)
                transaction.add_calibration(candidate.calibration, level, run.id)
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
        every gate that the reward looks at and has no pass rate: after a review that rejects, or because it broke
        on the instances that were to be solved."""
        if not self.rewarded:
            return {"tokens": candidate.tokens}
        verdicts = examination.verdicts if examination else ()
        if candidate.final.proposal.source is None:
            if candidate.unfinished:  # it was never written, which is not its generator's fault
                return {"tokens": candidate.tokens, "reward": None}
            verdicts = (Verdict(Stage.PROPOSAL, False),)
        elif not verdicts:  # a source that is known
            verdicts = (Verdict(Stage.NOVELTY, False),)
        novelty = next((v for v in verdicts if v.stage is Stage.NOVELTY), None)
        similarity = novelty.evidence.get("similarity") if novelty else None
        measured = candidate.calibration is not None and candidate.calibration.failure is None
        rate = candidate.calibration.rate if candidate.calibration and measured else None
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
