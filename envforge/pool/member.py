"""One environment's place in the pool, and how it is laid out in the registry."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from envforge.pool.controllers import Controller, Memory
from envforge.pool.retirement import Run
from envforge.registry import PoolEnvironment, PoolMemberRecord

RECENT = 16  # groups of an environment that its learnability looks at; ours


@dataclass(slots=True)
class Member:
    """Everything that the pool knows of one environment.

    `since` is the pool's group at which it took its state. `drawn` counts the tickets by level, `recent` holds
    (difficulty, accuracy, live) of its newest groups. `probe` is there while it is parked: `kind` and `reason` of
    the parking, `failed` probes, the pool's group `probed` at which it was last tried, and whether such a probe is
    `pending`. `retired_here` tells the pool's own retirement from one that happened elsewhere.
    """

    environment: PoolEnvironment
    state: str = "active"
    reason: str = ""
    since: int = 0
    groups: int = 0
    live_groups: int = 0
    controller: Memory | None = None
    drawn: list[int] = field(default_factory=list)
    recent: list[list[Any]] = field(default_factory=list)
    run: Run | None = None
    probe: dict[str, Any] | None = None
    retired_here: bool = False

    def __post_init__(self) -> None:
        if not self.drawn:
            self.drawn = [0] * (self.top + 1)

    @property
    def id(self) -> str:
        return self.environment.id

    @property
    def seed(self) -> bool:
        return self.environment.seed

    @property
    def top(self) -> int:
        """The highest level."""
        return self.environment.max_difficulty

    @property
    def category(self) -> str:
        """What the bandit shares its arms by: the bucket of a visual program, else the first tag."""
        return self.environment.bucket or next(iter(self.environment.tags), "")

    @property
    def tickets(self) -> int:
        return sum(self.drawn)

    @property
    def accuracy(self) -> float | None:
        """Mean accuracy of the recent groups; None before the first."""
        return sum(accuracy for _, accuracy, _ in self.recent) / len(self.recent) if self.recent else None

    @property
    def learnability(self) -> float:
        """The share of the recent groups that was live, above 0 and at most 1.

        One live group is imagined beside them, so an environment that nobody has tried counts as fully learnable
        and one that was never live is still drawn now and then (1 to 17 after 16 groups).
        """
        return (1 + sum(bool(live) for _, _, live in self.recent)) / (1 + len(self.recent))

    def memory(self, controller: Controller, kind: str) -> Memory:
        """What the controller remembers; its beginning when another controller was in charge before."""
        if self.controller is None or self.controller["kind"] != kind:
            return controller.begin(self.top)
        return self.controller

    def settle(self, state: str, reason: str, group: int) -> None:
        """Take another state at the pool's group `group`."""
        self.state, self.reason, self.since = state, reason, group
        self.run, self.probe, self.retired_here = None, None, False

    def record(self) -> PoolMemberRecord:
        """The row of this member."""
        memory = {
            "controller": self.controller,
            "drawn": self.drawn,
            "recent": self.recent,
            "run": self.run,
            "probe": self.probe,
            "retired_here": self.retired_here,
        }
        return PoolMemberRecord(
            environment=self.id,
            state=self.state,
            reason=self.reason,
            since=self.since,
            groups=self.groups,
            live_groups=self.live_groups,
            memory=copy.deepcopy(memory),
        )

    @classmethod
    def of(cls, environment: PoolEnvironment, record: PoolMemberRecord) -> Member:
        """The member in a row."""
        return cls(
            environment,
            record.state,
            record.reason,
            record.since,
            record.groups,
            record.live_groups,
            **copy.deepcopy(record.memory),
        )
