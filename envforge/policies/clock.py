"""How long something was under way, and how long several things were at once."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Clock:
    """Adds up wall-clock seconds by what was under way in them; safe from any thread.

    Intervals are not kept: between two changes the time goes to the set of names that were under way. One clock
    for several names therefore also tells their overlap.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._active: Counter[str] = Counter()
        self._seconds: Counter[frozenset[str]] = Counter()
        self._since = now()

    @contextmanager
    def during(self, name: str) -> Iterator[None]:
        """Count the time spent in the block as time in which `name` was under way."""
        self._change(name, 1)
        try:
            yield
        finally:
            self._change(name, -1)

    def seconds(self, *names: str) -> float:
        """Seconds during which all of `names` were under way at once, up to now; without names, all of them."""
        with self._lock:
            self._settle()
            return float(sum(s for active, s in self._seconds.items() if active.issuperset(names)))

    def share(self, *names: str) -> float:
        """The same as a share of all seconds, 0 to 1."""
        with self._lock:
            self._settle()
            total = sum(self._seconds.values())
            part = sum(s for active, s in self._seconds.items() if active.issuperset(names))
            return part / total if total else 0.0

    def _change(self, name: str, by: int) -> None:
        with self._lock:
            self._settle()
            self._active[name] += by
            if not self._active[name]:
                del self._active[name]

    def _settle(self) -> None:
        now = self._now()
        self._seconds[frozenset(self._active)] += now - self._since  # type: ignore[assignment]
        self._since = now
