"""`window`: a window of levels per environment that follows the policy upwards (RLVE), and down again (ours)."""

from __future__ import annotations

from envforge.config import PoolConfig
from envforge.pool.controllers import ROUNDING, Draws, Memory, Outcome, mean, newest


class Window:
    """Levels are drawn uniformly from [low, high], at first [0, 0].

    RLVE: `high` goes up by one when the mean accuracy over the newest `window_groups` groups at `high` reaches
    `window_raise`; `low` follows so that the window is at most `window_width` levels wide.
    Ours: when the mean over the newest `window_groups` groups at `low` is `window_lower` or less, the window goes
    down by one level, or at the bottom loses its highest. RLVE never lowers, so a policy that has forgotten, or a
    window that rose by luck, would stay where nothing can be learned.
    Groups at the levels between, and at levels that the window has left, change nothing.
    """

    def __init__(self, config: PoolConfig) -> None:
        self._config = config

    def begin(self, top: int) -> Memory:
        return {"kind": "window", "low": 0, "high": 0, "at_high": [], "at_low": []}

    def span(self, memory: Memory, top: int) -> tuple[int, int]:
        # The width may have been configured otherwise when the memory was made.
        high = min(memory["high"], top)
        return min(max(memory["low"], high - self._config.window_width + 1, 0), high), high

    def level(self, memory: Memory, top: int, stream: Draws) -> int:
        low, high = self.span(memory, top)
        return int(stream.pick("level", range(low, high + 1)))

    def learn(self, memory: Memory, top: int, outcome: Outcome) -> Memory:
        config, count = self._config, self._config.window_groups
        low, high = self.span(memory, top)
        at_high: list[float] = memory["at_high"] if memory["high"] == high else []
        at_low: list[float] = memory["at_low"] if memory["low"] == low else []
        if outcome.difficulty == high:
            at_high = newest(at_high, outcome.accuracy, count)
        if outcome.difficulty == low:
            at_low = newest(at_low, outcome.accuracy, count)
        before = low, high
        if len(at_high) >= count and mean(at_high) >= config.window_raise - ROUNDING and high < top:
            high += 1
            low = max(low, high - config.window_width + 1)
        elif len(at_low) >= count and mean(at_low) <= config.window_lower + ROUNDING and high > 0:
            if low > 0:
                low -= 1
                high = min(high, low + config.window_width - 1)
            else:
                high -= 1
                at_low = []  # one step for each `window_groups` groups, not one for each group
        if low != before[0]:
            at_low = []
        if high != before[1]:
            at_high = []
        return {"kind": "window", "low": low, "high": high, "at_high": at_high, "at_low": at_low}
