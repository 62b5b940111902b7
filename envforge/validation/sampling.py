"""The instances that the gates look at: drawn once by L2, then shared by L3, L4 and L5."""

from __future__ import annotations

from dataclasses import dataclass

from envforge.contract import Instance, Program, derive_seed


@dataclass(frozen=True, slots=True)
class Sample:
    """Instances per level, `levels[d][i]`; the first `fresh` of each ran in a process of their own."""

    levels: tuple[tuple[Instance, ...], ...]
    fresh: int

    @property
    def instances(self) -> list[Instance]:
        """All of them, level by level."""
        return [instance for level in self.levels for instance in level]

    @property
    def first(self) -> list[Instance]:
        """Those that ran in a process of their own."""
        return [instance for level in self.levels for instance in level[: self.fresh]]


def sample_seed(program: Program, difficulty: int, index: int) -> int:
    """Seed of the validation stream, apart from every training and evaluation stream."""
    return derive_seed("validation", program.id, difficulty, index)
