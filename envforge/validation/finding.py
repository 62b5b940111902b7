"""How a gate speaks: it returns the figures it measured, or raises Rejected with the evidence."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from envforge.contract import Instance
from envforge.sandbox import Failure
from envforge.verdict import Stage, Verdict

T = TypeVar("T")


class Rejected(Exception):
    """The program does not pass. Caught by `judge` and nowhere else."""

    def __init__(self, reason: str, **evidence: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.evidence = evidence


def judge(
    stage: Stage, isolation: str, step: Callable[[], tuple[T, dict[str, Any]]]
) -> tuple[T | None, Verdict]:
    """Run one gate; its result (None when it rejected) and the verdict."""
    start = time.perf_counter()
    try:
        result, figures = step()
    except Rejected as rejected:
        seconds = time.perf_counter() - start
        return None, Verdict(stage, False, rejected.reason, rejected.evidence, seconds, isolation)
    return result, Verdict(stage, True, "", figures, time.perf_counter() - start, isolation)


def at(instance: Instance) -> dict[str, Any]:
    """The evidence keys that name an instance."""
    return {"seed": instance.seed, "difficulty": instance.difficulty}


def failed(failure: Failure, seed: int, difficulty: int) -> dict[str, Any]:
    """The evidence of a call that gave no value."""
    return {
        "seed": seed,
        "difficulty": difficulty,
        "status": failure.status.value,
        "message": failure.message,
        "line": failure.line,
        "function": failure.function,
    }


def brief(text: str, limit: int = 300) -> str:
    """`text` cut to `limit` characters: evidence stays readable."""
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"
