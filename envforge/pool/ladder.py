"""`ladder`: one level per environment, promoted when it is mastered, with lower levels replayed (TRON)."""

from __future__ import annotations

from envforge.config import PoolConfig
from envforge.pool.controllers import ROUNDING, Draws, Memory, Outcome, mean, newest


class Ladder:
    """The environment stands on one level, at first 0.

    TRON: it is promoted when the mean accuracy of the newest `ladder_groups` groups at its level reaches
    `ladder_promote`, and the count begins anew; with chance `ladder_replay` a ticket is for a lower level instead,
    each with the same chance. Replayed groups do not count.
    Ours: TRON has no demotion and leaves out groups that are all wrong, so a level that is never solved would hold
    its environment for ever. Here `ladder_groups` groups in a row without a single point send it one level down.
    """

    def __init__(self, config: PoolConfig) -> None:
        self._config = config

    def begin(self, top: int) -> Memory:
        return {"kind": "ladder", "level": 0, "newest": []}

    def span(self, memory: Memory, top: int) -> tuple[int, int]:
        level = min(memory["level"], top)
        return level, level

    def level(self, memory: Memory, top: int, stream: Draws) -> int:
        level, _ = self.span(memory, top)
        if level > 0 and stream.share("replay") < self._config.ladder_replay:
            return int(stream.pick("level", range(level)))
        return level

    def learn(self, memory: Memory, top: int, outcome: Outcome) -> Memory:
        level, _ = self.span(memory, top)
        values: list[float] = memory["newest"]
        if outcome.difficulty != level:
            return {"kind": "ladder", "level": level, "newest": values}
        values = newest(values, outcome.accuracy, self._config.ladder_groups)
        if len(values) >= self._config.ladder_groups:
            if mean(values) >= self._config.ladder_promote - ROUNDING and level < top:
                level, values = level + 1, []
            elif max(values) <= 0.0 and level > 0:
                level, values = level - 1, []
        return {"kind": "ladder", "level": level, "newest": values}
