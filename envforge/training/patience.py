"""Trying again: a sandbox that failed may come back, and no environment is to blame for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from envforge.errors import SandboxError

T = TypeVar("T")
PAUSES = (0.5, 2.0, 8.0, 20.0, 60.0)  # seconds before a failed piece of work is tried again (ours)


def patiently(
    call: Callable[[], T], retries: int, failures: tuple[type[Exception], ...] = (SandboxError,)
) -> T:
    """`call`, up to `retries` more times when one of `failures` came."""
    for attempt in range(retries + 1):
        try:
            return call()
        except failures:
            if attempt == retries:
                raise
            time.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
    raise AssertionError("not reached")
