"""Semantic self-review: K independent readings of a candidate by a policy, all of which must accept.

Mechanical gates do not see wording that differs from the algorithm: of 79 programs that passed them, 35 had a
semantic defect, and reviews found those with precision 85.7 and recall 88.2 (EvoEnv, arXiv 2605.14392). Reviews
gate; no reward ever looks at them, or a generator would learn to please its reviewer.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from envforge.config import ReviewConfig
from envforge.contract import Profile, Program, derive_seed
from envforge.policies import Completion, PolicyError, Request, Sampling
from envforge.review.evidence import Broken, Case, gather_cases
from envforge.review.parsing import Reading, read_review
from envforge.review.prompts import review_messages
from envforge.sandbox import Evaluator, Sandbox
from envforge.verdict import Review, Stage, Verdict

if TYPE_CHECKING:
    from envforge.policies.flight import Flight

__all__ = ["Judgement", "Reviewer", "review_request"]

LONGEST_REASON = 400  # characters of a reviewer's words in a verdict's reason; the evidence holds them all


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict of stage REVIEW, and the reviews behind it: none when the program broke before they were asked."""

    verdict: Verdict
    reviews: tuple[Review, ...]


@dataclass(slots=True)
class _Reading:
    """One review under way."""

    case: Case
    asked: int = 0
    tokens: int = 0
    completion: Completion | None = None  # the last one
    reading: Reading | None = None


def review_request(program: Program, case: Case, config: ReviewConfig, attempt: int = 0) -> Request:
    """The request for the review that shows `case`; `attempt` counts from 0, higher ones ask again."""
    key = f"review/{program.id}/{case.number}"
    sampling = Sampling(
        temperature=config.temperature if config.temperature >= 0 else None,
        max_tokens=config.max_tokens or None,
        seed=derive_seed("review-sampling", program.id, case.number, attempt),
    )
    return Request(
        f"{key}/{attempt}" if attempt else key, review_messages(program, case, attempt > 0), sampling
    )


class Reviewer:
    """Has programs reviewed. Safe to use from several threads."""

    def __init__(self, sandbox: Sandbox, flight: Flight, config: ReviewConfig) -> None:
        self.sandbox = sandbox
        self.flight = flight
        self.config = config

    def judge(self, program: Program, profile: Profile) -> Judgement:
        """Any reject rejects; what stays unreadable counts as configured. A program that breaks on the instances
        to be shown is rejected without any review.

        Raises PolicyError when a review cannot be had, which is never a reject, and SandboxError.
        """
        start = time.perf_counter()
        self.sandbox.start()
        evaluator = Evaluator(self.sandbox)
        try:
            cases = gather_cases(program, profile, self.config.reviews, evaluator)
        except Broken as broken:
            spent = time.perf_counter() - start
            verdict = Verdict(Stage.REVIEW, False, broken.reason, broken.evidence, spent, evaluator.isolation)
            return Judgement(verdict, ())
        under_way = [_Reading(case) for case in cases]
        for attempt in range(1 + self.config.asked_again):
            self._ask(program, [found for found in under_way if found.reading is None], attempt)
        reviews = tuple(_review(found) for found in under_way)
        passed, reason, evidence = self._decide(reviews, cases)
        spent = time.perf_counter() - start
        return Judgement(Verdict(Stage.REVIEW, passed, reason, evidence, spent, evaluator.isolation), reviews)

    def _ask(self, program: Program, wanted: Sequence[_Reading], attempt: int) -> None:
        requests = [review_request(program, found.case, self.config, attempt) for found in wanted]
        if not requests:
            return
        for found, reply in zip(wanted, self.flight.gather(requests)):
            if isinstance(reply, PolicyError):
                raise reply
            found.asked += 1
            found.tokens += sum(completion.tokens for completion in reply)
            found.completion = reply[0] if reply else None
            found.reading = read_review(found.completion.text) if found.completion else None

    def _decide(self, reviews: Sequence[Review], cases: Sequence[Case]) -> tuple[bool, str, dict[str, Any]]:
        against = [
            review
            for review in reviews
            if review.accepted is False or (review.accepted is None and self.config.unreadable == "reject")
        ]
        evidence: dict[str, Any] = {
            "accepted": sum(review.accepted is True for review in reviews),
            "rejected": sum(review.accepted is False for review in reviews),
            "unreadable": sum(review.accepted is None for review in reviews),
            "reviews": [_evidence(review, case) for review, case in zip(reviews, cases)],
        }
        if not against:
            return True, "", evidence
        # A reviewer's own words say more than that another reply could not be read.
        first = next((review for review in against if review.accepted is False), against[0])
        instance = cases[first.number].instance
        where = {"seed": instance.seed, "difficulty": instance.difficulty}
        return False, _sentence(against, len(reviews), first.reason), where | evidence


def _sentence(against: Sequence[Review], reviews: int, reason: str) -> str:
    words = " ".join(reason.split())
    cut = words if len(words) <= LONGEST_REASON else f"{words[:LONGEST_REASON]}..."
    return f"{len(against)} of {reviews} reviews {'rejects' if len(against) == 1 else 'reject'}: {cut}"


def _review(found: _Reading) -> Review:
    text = found.completion.text if found.completion else ""
    reading = found.reading
    if reading is not None:
        accepted, reason, findings = reading.accepted, reading.reason, reading.findings
        return Review(found.case.number, accepted, reason, findings, text, found.asked, found.tokens)
    cut = found.completion is not None and found.completion.finish_reason == "length"
    reason = "the reply was cut off before its verdict" if cut else "the reply holds no verdict"
    return Review(found.case.number, None, reason, {}, text, found.asked, found.tokens)


def _evidence(review: Review, case: Case) -> dict[str, Any]:
    return {
        "number": review.number,
        "accepted": review.accepted,
        "reason": review.reason,
        "findings": review.findings,
        "seed": case.instance.seed,
        "difficulty": case.instance.difficulty,
    }
