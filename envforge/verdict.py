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
    NOVELTY = "novelty"  # not a near-duplicate of the library or of its batch


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
