"""A sandbox that gives each examination a ration of CPU time, so that slow mutants do not eat a campaign's time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

from envforge.config import SandboxConfig
from envforge.sandbox import Reply, Request, Sandbox

INSPECT = "inspect"


@dataclass(frozen=True, slots=True)
class Ration:
    """CPU seconds: of one call at most (None: the contract's limits), and of all calls of one examination."""

    call: float | None
    examination: float


class Spent(Exception):
    """The examination has used up its ration. Neither a verdict on the program nor a fault of ours."""


class RationedSandbox(Sandbox):
    """Each thread says when it begins an examination. Reading a program (L1) is not rationed."""

    def __init__(self, config: SandboxConfig) -> None:
        super().__init__(config)
        self._own = threading.local()

    def begin(self, ration: Ration) -> None:
        """From here on this thread makes another examination."""
        self._own.ration, self._own.spent = ration, 0.0

    def run_many(self, requests: Sequence[Request]) -> list[Reply]:
        """As many at a time as run side by side, so that the end of the ration is noticed soon after it came.

        The first of an examination that run side by side always run.
        """
        replies: list[Reply] = []
        step = self.workers
        for start in range(0, len(requests), step):
            part = requests[start : start + step]
            if all(request.op == INSPECT for request in part):
                replies += super().run_many(part)
                continue
            ration: Ration = self._own.ration
            if self._own.spent > ration.examination:
                raise Spent
            answered = super().run_many([_limited(request, ration) for request in part])
            self._own.spent += sum(reply.cpu for reply in answered)
            replies += answered
        return replies


def _limited(request: Request, ration: Ration) -> Request:
    return request if ration.call is None else replace(request, cpu=min(request.cpu, ration.call))
