"""Difficulty controllers: what all of them have in common (`envforge.pool.kinds` lists them).

A controller is a pure state machine. What it knows of an environment, its memory, is a JSON object that names the
controller as its `kind`; `learn` makes the next memory from a memory and an outcome and changes neither. Chance
comes in only through the stream that is handed to `level`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

Memory = dict[str, Any]
ROUNDING = 1e-9  # below this, differences of means are those of floating point


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a controller hears of one group of rollouts on one instance.

    `number` is the pool's count of the group, `accuracy` the mean score (0 to 1), `advantage` the mean absolute
    advantage (see `envforge.pool.bandit`).
    """

    number: int
    difficulty: int
    accuracy: float
    advantage: float


class Draws(Protocol):
    """The part of `envforge.pool.streams.Stream` that controllers use."""

    def share(self, what: str) -> float: ...
    def pick(self, what: str, among: Any) -> Any: ...


class Controller(Protocol):
    """One way to move the difficulty. `top` is always the environment's highest level."""

    def begin(self, top: int) -> Memory:
        """What is known before the first group."""
        ...

    def span(self, memory: Memory, top: int) -> tuple[int, int]:
        """Where it stands: the lowest and the highest level that it works on now."""
        ...

    def level(self, memory: Memory, top: int, stream: Draws) -> int:
        """The level of the next instance, 0 to `top`."""
        ...

    def learn(self, memory: Memory, top: int, outcome: Outcome) -> Memory:
        """The memory after one more group."""
        ...


def newest(values: list[float], value: float, number: int) -> list[float]:
    """`values` with `value` behind them, the newest `number` of them."""
    return [*values, value][-number:]


def mean(values: list[float]) -> float:
    """The mean of `values`, which are not empty."""
    return sum(values) / len(values)
