"""`fixed`: one level for ever, as a control against which controllers that move are measured."""

from __future__ import annotations

from envforge.config import PoolConfig
from envforge.pool.controllers import Draws, Memory, Outcome


class Fixed:
    """Every instance is of level `fixed_level`, or of the environment's highest where that is lower."""

    def __init__(self, config: PoolConfig) -> None:
        self._config = config

    def begin(self, top: int) -> Memory:
        return {"kind": "fixed"}

    def span(self, memory: Memory, top: int) -> tuple[int, int]:
        level = min(self._config.fixed_level, top)
        return level, level

    def level(self, memory: Memory, top: int, stream: Draws) -> int:
        return self.span(memory, top)[0]

    def learn(self, memory: Memory, top: int, outcome: Outcome) -> Memory:
        return memory
