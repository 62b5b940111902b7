"""Whose fault was it? What to do with a request whose process, zygote or runner was taken down.

A program that takes its runner down does it again when it is alone in a runner of its own. But the machine can take
runners down as well: its memory killer, an operator, an engine that restarts. So the request is repeated alone, and
after every death a control, a program that harms nothing, is run the same way. It is left running for three times as
long as all runs of the program that ended so took together, because what strikes at random strikes what takes long.
Only deaths that the control survives count against the program, and only when it dies at every attempt is it called
hostile. When the controls die too, the sandbox is what is broken, and that raises.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from envforge.errors import SandboxError
from envforge.sandbox.reply import Failure, Status, broken
from envforge.sandbox.request import Request
from envforge.sandbox.runner import RawReply

DEATHS = 5  # alone, each followed by a control that lives, before a program is blamed
ATTEMPTS = 25  # of the program and of controls together, before the sandbox is given up

CONTROL_FACTOR = 3.0  # with 2, one request of 5,000 in 2 s was blamed when strikes came every 0.7 s
CONTROL_SECONDS = 10.0  # no control need take longer

CONTROL_SOURCE = """
def generate(rng, difficulty):
    while True:
        pass


prompt = reference = generate
"""


@dataclass(frozen=True, slots=True)
class Control(Request):
    """A request that takes `cpu` seconds by the clock on the wall, then it is ended; that is how it lives."""

    def header(self, wall_factor: float) -> dict[str, Any]:
        return {**Request.header(self, wall_factor), "wall": self.cpu}


CONTROL = Control("instance", CONTROL_SOURCE, [[0, 0]], cpu=0.02)

Alone = Callable[[Request], RawReply | None]


def control(seconds: float) -> Request:
    """A control that is under way for `seconds`, within bounds."""
    return dataclasses.replace(CONTROL, cpu=min(max(CONTROL.cpu, seconds), CONTROL_SECONDS))


def blame(request: Request, alone: Alone) -> RawReply | Failure:
    """The reply of `request`, run `alone`; or the failure that shows that its program is hostile.

    `alone` runs a request in a runner of its own; None says that this died at once. Raises SandboxError when nothing
    stays alive here.
    """
    deaths, under_way = 0, 0.0  # its dead runs, and how long they took together
    for _ in range(ATTEMPTS):
        raw = alone(request)
        if raw is not None and not broken(raw, request.total_cpu):
            return raw
        under_way += 0.0 if raw is None else raw.header["wall"]
        harmless = control(CONTROL_FACTOR * under_way)
        raw = alone(harmless)
        if raw is None or broken(raw, harmless.total_cpu):
            continue
        deaths += 1
        if deaths == DEATHS:
            return Failure(Status.HOSTILE, f"took the sandbox down {deaths} times, alone in it")
    raise SandboxError(
        f"sandbox processes are being killed from outside: {ATTEMPTS} attempts to run one program and a control "
        "failed (is the machine out of memory?)"
    )
