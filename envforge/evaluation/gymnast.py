"""The process in which a gym runs: reads a JSON object per line, answers each with one. See `evaluation.gym`.

It limits its memory and writes no files, from before it imports the gym. Its parent watches the clock.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
import resource
import sys
from typing import Any, TextIO

MEMORY_BYTES = 16 * 2**30  # of addresses, of which linear algebra reserves many
_EVALUATES = re.compile(r"\b(eval|exec|parse_expr|sympify)\(")


class Gymnast:
    """reasoning_gym behind three operations: task, make and score."""

    def __init__(self, gym: str) -> None:
        self.gym = importlib.import_module(gym)
        self.factory = importlib.import_module(f"{gym}.factory")
        self._last: tuple[str, int, Any, Any] | None = None

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """The reply to one message; what the gym raises is a reply too."""
        try:
            if message["op"] == "task":
                return self._task(message["task"])
            data, entry = self._entry(message["task"], message["seed"])
            if message["op"] == "make":
                return {"prompt": str(entry["question"])}
        except Exception as error:
            return {"problem": _said(error)}
        try:
            return {"score": float(data.score_answer(message["answer"], entry))}
        except Exception:
            return {"score": 0.0}

    def _task(self, task: str) -> dict[str, Any]:
        names = sorted(self.factory.DATASETS)
        found: dict[str, Any] = {"names": names, "problem": "", "evaluates": True, "category": "other"}
        if task in names:
            kind = self.factory.DATASETS[task][0]
            found["evaluates"] = bool(_EVALUATES.search(inspect.getsource(sys.modules[kind.__module__])))
            parts = kind.__module__.split(".")
            found["category"] = parts[1].replace("_", "-") if len(parts) > 2 else "other"
            try:
                self.gym.create_dataset(task, size=1, seed=0)
            except Exception as error:
                found["problem"] = _said(error)
        return found

    def _entry(self, task: str, seed: int) -> tuple[Any, Any]:
        """The data set of one item and that item; the last one is kept, for the next samples of an instance."""
        if self._last is None or self._last[:2] != (task, seed):
            data = self.gym.create_dataset(task, size=1, seed=seed)
            self._last = (task, seed, data, data[0])
        return self._last[2], self._last[3]


def _said(error: Exception) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:200]


def main(gym: str) -> None:
    """Serve until standard input ends."""
    replies = _quiet()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    os.environ["OMP_NUM_THREADS"] = "1"
    sys.dont_write_bytecode = True
    gymnast = Gymnast(gym)
    for line in sys.stdin:
        replies.write(json.dumps(gymnast.answer(json.loads(line))) + "\n")
        replies.flush()


def _quiet() -> TextIO:
    """A stream for replies; whatever the gym prints goes nowhere instead."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    os.close(sink)
    return replies


if __name__ == "__main__":
    main(sys.argv[1])
