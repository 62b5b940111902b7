"""One candidate through all the steps: proposal, gates, repairs, novelty, review, calibration.

Runs in a thread of its own beside others, so that the sandbox works while the policy thinks. What it looks at is
fixed when the candidate is planned: the same command finds the same, however the threads are scheduled.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from envforge.calibration import Calibrator
from envforge.calibration import judge as judge_calibration
from envforge.config import Config
from envforge.contract import LibraryEntry, Proposal, content_id
from envforge.novelty import NoveltyGate
from envforge.policies import NoReply, PolicyError
from envforge.policies.flight import Flight
from envforge.proposers import Plan, Proposer
from envforge.review import Reviewer
from envforge.sandbox import Sandbox
from envforge.validation import Validator
from envforge.verdict import Calibration, Examination, Review, Stage, Verdict

REPAIRABLE = frozenset({Stage.L1, Stage.L2, Stage.L3, Stage.L4, Stage.L5, Stage.PICTURE})


@dataclass(frozen=True, slots=True)
class Round:
    """A proposal or its repair. `examination` is None when no source came, or one that is known."""

    proposal: Proposal
    examination: Examination | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """All that was found out about one index. `unfinished` says why a step could not be taken, which is nobody's
    fault but the server's: such a candidate stays validated."""

    rounds: tuple[Round, ...]
    reviews: tuple[Review, ...] = ()
    calibration: Calibration | None = None
    unfinished: str = ""

    @property
    def final(self) -> Round:
        """The last round: the one that may be accepted."""
        return self.rounds[-1]

    @property
    def tokens(self) -> dict[str, int]:
        """What it cost, by role, as far as the policy tells."""
        roles = {"propose": 0, "repair": 0, "review": sum(review.tokens for review in self.reviews)}
        roles["solve"] = self.calibration.tokens if self.calibration else 0
        for round in self.rounds:
            usage = (round.proposal.transcript or {}).get("usage") or {}
            tokens = (usage.get("prompt_tokens") or 0) + (usage.get("completion_tokens") or 0)
            roles["repair" if round.proposal.round else "propose"] += tokens
        return {role: tokens for role, tokens in roles.items() if tokens}


@dataclass(frozen=True, slots=True)
class View:
    """What a candidate is compared with before tokens are spent on it: the library as it was when it was planned.

    `known` tells whether a source was in the registry by then.
    """

    library: Sequence[LibraryEntry]
    known: Callable[[str], bool]


@dataclass(slots=True)
class Pipeline:
    """The steps, shared by all candidates of a run. `reviewer` and `calibrator` are None without a policy."""

    validator: Validator
    proposer: Proposer
    novelty: NoveltyGate
    config: Config
    reviewer: Reviewer | None = None
    calibrator: Calibrator | None = None
    _comparing: threading.Lock = field(default_factory=threading.Lock)
    _examining: threading.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        # If all candidates were examined side by side, all would be done at the same time, and sandbox and policy
        # would take turns at being idle. One after the other, the first is at the policy while the next is examined.
        self._examining = threading.Semaphore(self.validator.sandbox.workers + 1)

    @classmethod
    def made(
        cls, sandbox: Sandbox, proposer: Proposer, novelty: NoveltyGate, config: Config, flight: Flight | None
    ) -> Pipeline:
        """The pipeline of one run; `flight` leads to the policy that reviews and solves."""
        pipeline = cls(Validator(sandbox, config.validation), proposer, novelty, config)
        if flight is not None:
            pipeline.reviewer = Reviewer(sandbox, flight, config.review)
            pipeline.calibrator = Calibrator(sandbox, flight, config.calibration, config.policy)
        return pipeline

    def run(self, plan: Plan, view: View) -> Candidate:
        """Take one candidate as far as it comes. Raises ProposerError, SandboxError; NoReply at a replay's end."""
        rounds = [self._round(self.proposer.write(plan), view)]
        broken = rounds[0]  # what is to be repaired: the newest round that holds a program
        while len(rounds) <= self.config.growth.repairs:
            if broken.examination is None or broken.examination.failure is None:
                break
            again = self.proposer.repair(broken.proposal, broken.examination, len(rounds))
            if again is None:
                break
            rounds.append(self._round(again, view))
            if again.source is not None:
                broken = rounds[-1]
        return self._judged(rounds, view)

    def judge(self, proposal: Proposal, view: View) -> Candidate:
        """Take a proposal that exists as far as it comes, without repairs. Raises as `run` does."""
        return self._judged([self._round(proposal, view)], view)

    def _round(self, proposal: Proposal, view: View) -> Round:
        if proposal.source is None or view.known(content_id(proposal.source)):
            return Round(proposal, None)
        with self._examining:
            return Round(proposal, self.validator.examine(proposal.source))

    def _judged(self, rounds: list[Round], view: View) -> Candidate:
        """The candidate with the verdicts of the steps that cost tokens, cheapest first."""
        proposal, examination = rounds[-1].proposal, rounds[-1].examination
        if examination is None or not examination.passed:
            return Candidate(tuple(rounds))
        assert examination.program is not None and examination.profile is not None
        program, profile = examination.program, examination.profile
        with self._comparing:  # the gate keeps embeddings that it has computed
            novelty = self.novelty.judge(program, profile, view.library)
        if not novelty.passed or self.reviewer is None or self.calibrator is None:
            return Candidate(tuple(rounds))  # the gate judges again when the candidate is decided

        def found(*verdicts: Verdict, **more: Any) -> Candidate:
            judged = dataclasses.replace(examination, verdicts=(*examination.verdicts, *verdicts))
            return Candidate((*rounds[:-1], Round(proposal, judged)), **more)

        try:
            judgement = self.reviewer.judge(program, profile)
        except PolicyError as error:
            return found(unfinished=_excuse("reviewed", error))
        if not judgement.verdict.passed:
            return found(judgement.verdict, reviews=judgement.reviews)
        try:
            calibration = self.calibrator.measure(program, profile)
        except PolicyError as error:
            unfinished = _excuse("calibrated", error)
            return found(judgement.verdict, reviews=judgement.reviews, unfinished=unfinished)
        verdict = dataclasses.replace(
            judge_calibration(calibration), isolation=str(self.validator.sandbox.level.value)
        )
        return found(judgement.verdict, verdict, reviews=judgement.reviews, calibration=calibration)


def _excuse(what: str, error: PolicyError) -> str:
    """Why a candidate stays as it is. A fatal error ends the run instead, and is raised again."""
    if error.fatal and not isinstance(error, NoReply):
        raise error
    return f"not {what}: {error}"
