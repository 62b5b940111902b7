"""The instances that the gates look at: drawn once by L2, then shared by L3, L4 and L5."""

from __future__ import annotations

from dataclasses import dataclass

from envforge.contract import Instance, Program, derive_seed


@dataclass(frozen=True, slots=True)
class Sample:
    """Instances per level, `levels[d][i]`; the first `fresh` of each ran in a process of their own. `stream` is that
    of their seeds."""

    levels: tuple[tuple[Instance, ...], ...]
    fresh: int
    stream: int = 0

    @property
    def instances(self) -> list[Instance]:
        """All of them, level by level."""
        return [instance for level in self.levels for instance in level]

    @property
    def first(self) -> list[Instance]:
        """Those that ran in a process of their own."""
        return [instance for level in self.levels for instance in level[: self.fresh]]


def sample_seed(program: Program, difficulty: int, index: int, stream: int = 0) -> int:
    """Seed of a validation stream, apart from every training and evaluation stream. 0 is that of admission."""
    others = (stream,) if stream else ()
    return derive_seed("validation", program.id, difficulty, index, *others)
