"""Whose fault was it? What to do with a request whose process, zygote or runner was taken down.

A program that takes its runner down does it again when it is alone in a runner of its own. But the machine can take
runners down as well: its memory killer, an operator, an engine that restarts. So the request is repeated alone, and
after every death a program known to be correct is run the same way, for three times as long as all runs of the
program that ended so: what strikes at random strikes what takes long. Only deaths that the control survives count
against the program, and only when it dies at every attempt is it called hostile. When the controls die too, the
sandbox is what is broken, and that raises.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from envforge.errors import SandboxError
from envforge.sandbox.reply import Failure, Status, broken
from envforge.sandbox.request import Request
from envforge.sandbox.runner import RawReply

DEATHS = 5  # alone, each followed by a control that lives, before a program is blamed
ATTEMPTS = 25  # of the program and of controls together, before the sandbox is given up

CONTROL_SOURCE = """
def generate(rng, difficulty):
    total = 0
    for number in range(400_000):
        total += number
    return {"total": total}


def prompt(state):
    return "What do the whole numbers below four hundred thousand sum to?"


def reference(state):
    return str(state["total"])
"""
CONTROL = Request("instance", CONTROL_SOURCE, [[0, 0]])
CALL_SECONDS = 0.01  # that one call of the control takes, at least
CONTROL_FACTOR = 3.0  # with 2, one request of 5,000 in 2 s was blamed when strikes came every 0.7 s
CONTROL_SECONDS = 10.0  # no control need take longer

Alone = Callable[[Request], RawReply | None]


def control(seconds: float) -> Request:
    """A request of a correct program that takes `seconds`, within bounds."""
    calls = max(1, int(min(seconds, CONTROL_SECONDS) / CALL_SECONDS))
    return CONTROL if calls == 1 else dataclasses.replace(CONTROL, items=[[0, 0]] * calls)


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
        twin = control(CONTROL_FACTOR * under_way)
        raw = alone(twin)
        if raw is None or broken(raw, twin.total_cpu):
            continue
        deaths += 1
        if deaths == DEATHS:
            return Failure(Status.HOSTILE, f"took the sandbox down {deaths} times, alone in it")
    raise SandboxError(
        f"sandbox processes are being killed from outside: {ATTEMPTS} attempts to run one program and a control "
        "failed (is the machine out of memory?)"
    )
