"""What a run tells while it goes on, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from envforge.registry import ACCEPTED, ProposalRecord, RunRecord
from envforge.verdict import Stage

STAGES = tuple(Stage)  # in the order in which candidates meet them


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
    rounds: int = 0  # of repair
    rate: float | None = None  # a, where it was measured
    tokens: int = 0  # by all roles


class Watcher(Protocol):
    """Told what happens; never asked anything."""

    def planting(self, total: int) -> None: ...

    def planted(self, decision: Decision) -> None: ...

    def growing(self, run: RunRecord, done: int, limit: int, summary: Summary) -> None:
        """`summary` goes on being counted while the run does."""

    def decided(self, decision: Decision) -> None: ...


class Silent:
    """A watcher that says nothing."""

    def planting(self, total: int) -> None:
        pass

    def planted(self, decision: Decision) -> None:
        pass

    def growing(self, run: RunRecord, done: int, limit: int, summary: Summary) -> None:
        pass

    def decided(self, decision: Decision) -> None:
        pass


@dataclass(slots=True)
class Summary:
    """One run, counted over all its proposals, those before a resumption included.

    `stages` counts the rejected by stage, after their last repair; `ends` everything that some stage held up, also
    duplicates, what was no program, and what a policy solves always or never; `first` the same before any repair.
    `repairs` counts the rounds of repair, `mended` the candidates that passed L5 thanks to one. `tokens` are by role.
    """

    run: int
    proposals: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    stages: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    repairs: int = 0
    mended: int = 0
    tokens: dict[str, int] = field(default_factory=dict)
    sandbox_seconds: float = 0.0  # CPU of the sandbox's children, of this process
    seconds: float = 0.0  # wall time of this process
    busy: dict[str, float] = field(default_factory=dict)  # share of it: "policy", "sandbox", "both"
    ended: str = ""  # why it stopped

    @property
    def accepted(self) -> int:
        """Validated or admitted."""
        return sum(self.outcomes.get(outcome, 0) for outcome in ACCEPTED)

    @property
    def admitted(self) -> int:
        """Admitted."""
        return self.outcomes.get("admitted", 0)

    @property
    def all_tokens(self) -> int:
        """Of all roles, prompts included."""
        return sum(self.tokens.values())

    def reached(self) -> dict[str, tuple[int, int]]:
        """By stage, in order: candidates that met it and candidates that passed it."""
        found, left = {}, self.proposals
        for stage in STAGES:
            failed = self.ends.get(stage.value, 0)
            found[stage.value] = (left, left - failed)
            left -= failed
        return found

    def count(self, rounds: list[tuple[str, str | None]], usage: Mapping[str, Any] | None) -> None:
        """Take in one proposal: (outcome, stage) of each of its rounds, and what it cost."""
        self.proposals += 1
        outcome, stage = rounds[-1]
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        if outcome == "duplicate":
            stage = Stage.NOVELTY.value  # the registry keeps no verdict on what it knows already
        if stage is not None:
            self.ends[stage] = self.ends.get(stage, 0) + 1
        if outcome == "rejected" and stage is not None:
            self.stages[stage] = self.stages.get(stage, 0) + 1
        early = rounds[0][1] if len(rounds) > 1 else stage
        if early is not None:
            self.first[early] = self.first.get(early, 0) + 1
        self.repairs += len(rounds) - 1
        gates = {Stage.PROPOSAL, Stage.L1, Stage.L2, Stage.L3, Stage.L4, Stage.L5, Stage.PICTURE}
        self.mended += len(rounds) > 1 and stage not in gates
        for role, tokens in ((usage or {}).get("tokens") or {}).items():
            self.tokens[role] = self.tokens.get(role, 0) + tokens


def recount(summary: Summary, records: list[ProposalRecord]) -> int:
    """Take in what the registry holds of a run; returns the number of proposals decided."""
    rounds: dict[int, list[ProposalRecord]] = {}
    for record in records:
        rounds.setdefault(record.index, []).append(record)
    for found in rounds.values():
        summary.count([(record.outcome, record.stage) for record in found], found[-1].usage)
    return len(rounds)
