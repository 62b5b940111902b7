"""One round of groups: their tasks, what was drawn, and what it earned."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from envforge.pool.controllers import ROUNDING
from envforge.training.scoring import Scored
from envforge.training.tasks import GeneratorTask, SolverTask, Task


@dataclass(slots=True)
class Round:
    """Groups of one process, in the order of their tasks; each has `size` responses."""

    tasks: tuple[Task, ...]
    size: int
    limits: tuple[int, ...]  # tokens of a response, by place of the task
    prompt_ids: Sequence[Sequence[int]] = ()  # of every response
    completion_ids: Sequence[Sequence[int]] = ()
    scores: dict[int, Future[list[Scored]]] = field(default_factory=dict)  # by place of the task
    scored: dict[int, list[Scored]] = field(default_factory=dict)
    rewards: list[list[float | None]] = field(init=False)

    def __post_init__(self) -> None:
        self.rewards = [[None] * self.size for _ in self.tasks]

    def live(self, place: int) -> bool:
        """Whether the group at `place` teaches anything."""
        return is_live(self.rewards[place])

    def dead_solver(self, place: int) -> bool:
        """A solver group that does not: another one may be drawn in its place."""
        return isinstance(self.tasks[place], SolverTask) and not self.live(place)

    def tokens(self, place: int) -> list[int]:
        """The lengths of the responses at `place`."""
        return [len(ids) for ids in self.completion_ids[place * self.size : (place + 1) * self.size]]

    def merged(self, other: Round, moves: Mapping[int, int]) -> Round:
        """This round with the groups at the keys of `moves` replaced by those of `other` at the values."""
        both = [
            (other, moves[place]) if place in moves else (self, place) for place in range(len(self.tasks))
        ]
        found = Round(
            tuple(round.tasks[place] for round, place in both),
            self.size,
            tuple(round.limits[place] for round, place in both),
        )
        found.rewards = [round.rewards[place] for round, place in both]
        found.scored = {
            at: round.scored[place] for at, (round, place) in enumerate(both) if place in round.scored
        }
        found.prompt_ids = [ids for round, place in both for ids in _rows(round.prompt_ids, place, self.size)]
        found.completion_ids = [
            ids for round, place in both for ids in _rows(round.completion_ids, place, self.size)
        ]
        return found

    @property
    def generators(self) -> list[int]:
        return [place for place, task in enumerate(self.tasks) if isinstance(task, GeneratorTask)]


def is_live(rewards: Sequence[float | None]) -> bool:
    """Whether a group's rewards differ: at least two that count, and not all equal up to rounding."""
    values = [reward for reward in rewards if reward is not None and not math.isnan(reward)]
    return len(values) > 1 and max(values) - min(values) > ROUNDING


def _rows(values: Sequence[Sequence[int]], place: int, size: int) -> Sequence[Sequence[int]]:
    return values[place * size : (place + 1) * size]
