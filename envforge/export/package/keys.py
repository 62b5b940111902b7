"""What names an instance, and what is raised when its program breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from envforge.errors import EnvforgeError, UsageError


class BrokenProgram(EnvforgeError):
    """An environment's program failed, a second time in a process of its own. Neither our fault nor the solver's, so
    no score stands for it."""


@dataclass(frozen=True, slots=True)
class Key:
    """What names an instance for ever."""

    id: str
    seed: int
    difficulty: int


def key_of(metadata: Any) -> Key:
    """The key in the metadata of an item. Raises UsageError when there is none."""
    if isinstance(metadata, Mapping):
        id, seed, difficulty = (metadata.get(name) for name in ("id", "seed", "difficulty"))
        if isinstance(id, str) and type(seed) is int and type(difficulty) is int and 0 <= seed < 2**63:
            return Key(id, seed, difficulty)
    raise UsageError(
        "this is no entry of a data set of environments: its metadata names no id, seed and difficulty"
    )
