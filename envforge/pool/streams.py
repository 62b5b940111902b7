"""The chance of the pool: every draw is hashed from (pool seed, ticket number), so nothing of it needs saving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from envforge.contract import derive_seed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stream:
    """Independent random numbers for one ticket, each called for by the name of what it decides."""

    seed: int
    number: int

    def share(self, what: str) -> float:
        """A number from 0 up to, but not including, 1."""
        return (derive_seed("pool", what, self.seed, self.number) >> 10) / 2**53

    def pick(self, what: str, among: Sequence[T]) -> T:
        """One of `among`, each with the same chance."""
        return among[derive_seed("pool", what, self.seed, self.number) % len(among)]
