"""Verdicts: what a gate found, with the evidence that lets anybody look again."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any

from envforge.contract import Profile, Program


class Stage(enum.StrEnum):
    """The gates in the order in which a candidate meets them, cheapest first."""

    PROPOSAL = "proposal"  # nothing that looks like a program came
    L1 = "L1"  # parse: the contract's parts exist and the static policy holds
    L2 = "L2"  # execute: runs at every level within the limits, right types
    L3 = "L3"  # determinism: same instance in any process, order and hash seed
    L4 = "L4"  # non-triviality: varied, not guessable, difficulty matters, nothing leaks
    L5 = "L5"  # scorer: the reference scores 1.0, wrong answers do not, nothing raises
    PICTURE = "picture"  # visual programs: the picture is clean, shows what the answer needs, and is needed
    NOVELTY = "novelty"  # not a near-duplicate of the library or of its batch
    REVIEW = "review"  # wording, data flow, algorithm and scorer agree, by the policy's own judgement
    CALIBRATION = "calibration"  # the policy solves some instances and not all


@dataclass(frozen=True, slots=True)
class Verdict:
    """One gate's finding on one program.

    `reason` is one sentence (empty when passed). `evidence` is a JSON object; the keys `seed`, `difficulty`,
    `answer`, `score` and `message` mean the same everywhere, other keys are figures that the gate measured.
    `seconds` is wall time, `isolation` the sandbox level under which untrusted code ran.
    """

    stage: Stage
    passed: bool
    reason: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    isolation: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """All verdicts on one source, in order, up to and including the first failure.

    `program` is None when the source did not pass L1, `profile` when it did not pass L4.
    """

    source: str
    id: str
    verdicts: tuple[Verdict, ...]
    program: Program | None = None
    profile: Profile | None = None

    @property
    def failure(self) -> Verdict | None:
        """The verdict that stopped the examination, or None when every gate passed."""
        return next((v for v in self.verdicts if not v.passed), None)

    @property
    def passed(self) -> bool:
        return self.failure is None


@dataclass(frozen=True, slots=True)
class Review:
    """One reading of a candidate by a policy. Reviews gate; no reward looks at them (EvoEnv).

    `accepted` is None for a review that stayed unreadable. `findings` is the structured part of the reply, by check.
    """

    number: int  # 0 to K - 1
    accepted: bool | None
    reason: str  # one sentence; empty when accepted
    findings: dict[str, Any]
    text: str  # the last reply, as it came
    asked: int  # how often: 1, or more after unreadable replies
    tokens: int  # of all replies, prompts included


@dataclass(frozen=True, slots=True)
class LevelRate:
    """How a policy did on the probed instances of one level.

    `rate` is the mean score, 0 to 1; `adjusted` the share of what guessing leaves over, (rate - floor) / (1 - floor)
    and at least 0; `low` and `high` the Wilson interval of `rate`. `responses` holds one JSON object for each
    instance: seed, answer (null: format failure), score, tokens.
    """

    difficulty: int
    rate: float
    adjusted: float
    low: float
    high: float
    guess_floor: float
    format_failures: int
    responses: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """The pass rate of one policy version on one environment (EvoEnv: admitted iff 0 < a < 1).

    `rate` is a: the mean of the levels' adjusted rates (of the plain ones where the floor is not subtracted), `low`
    and `high` the Wilson interval of all scores together. `trend` is the p-value of the test that the rate falls with
    the level, None with fewer than two levels. `reason` is one sentence, empty when passed.
    """

    environment: str
    policy: str  # version
    levels: tuple[LevelRate, ...]
    rate: float
    low: float
    high: float
    trend: float | None
    passed: bool
    reason: str
    tokens: int
    failure: dict[str, Any] | None = None  # where the program itself broke: seed, difficulty, answer, message


@dataclass(frozen=True, slots=True)
class LevelResult:
    """How a policy did on one environment (or task of a gym) at one level of an evaluation.

    `passes[i]` counts, of the `samples` responses to instance i, those with score 1; `total` is the sum of all
    scores, which may lie between 0 and 1. `seeds[i]` is the seed of instance i. Responses that could not be had or
    scored through our fault are in none of these numbers: such an instance is left out, and counted in `lost`.
    """

    subject: str  # the environment's id, or gym:NAME/TASK
    title: str
    tags: tuple[str, ...]
    split: str  # "trained", "held-out" or "other"
    difficulty: int
    samples: int
    passes: tuple[int, ...]
    total: float
    seeds: tuple[int, ...]
    format_failures: int
    tokens: int  # written by the policy
    lost: int = 0

    @property
    def instances(self) -> int:
        """Instances that count."""
        return len(self.passes)

    @property
    def accuracy(self) -> float | None:
        """The mean score of all responses; None without any."""
        count = self.instances * self.samples
        return self.total / count if count else None
