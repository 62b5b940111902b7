"""Climbing the ladder: a level is believed when the attacks that it must stop have been tried on it and failed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from envforge.errors import SandboxError
from envforge.sandbox.box import Launch, Machine, launches
from envforge.sandbox.levels import Level, LevelReport
from envforge.sandbox.reply import Status, read_reply
from envforge.sandbox.request import Request
from envforge.sandbox.runner import Runner, RunnerDied

# The names of sandbox/probes.py, and the lowest level that must stop them.
PROBES: dict[str, Level] = {
    **dict.fromkeys(
        (
            "read a file", "read /proc", "TCP socket", "UDP socket", "unix socket", "netlink socket", "fork",
            "execute a program", "signal another process", "trace a process", "user namespace", "io_uring",
            "writable code", "memory file", "raise own limits",
        ),
        Level.CONFINED,
    ),
    **dict.fromkeys(("host files", "way to a network", "host processes", "write a file"), Level.BOXED),
    "processes without end": Level.CGROUPS,
}  # fmt: skip
# The limit on gVisor's processes ends the container as a whole: that cannot be tried on a runner that is to live.
UNTRIED: dict[Level, tuple[str, ...]] = {Level.GVISOR: ("processes without end",)}
_WALL_FACTOR = 10.0
_PROBE_SECONDS = 60.0


class Launcher:
    """Starts runners, all from one thread of its own: a box dies with the thread that started it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "sandbox-launcher")

    def start(self, launch: Launch, level: Level, workers: int) -> Runner:
        """A started runner, not yet greeted. Raises OSError or SandboxError."""
        return Runner(self._pool.submit(launch.start, level, workers).result())

    def close(self) -> None:
        """No more runners; those that run are ended by now."""
        self._pool.shutdown(wait=True)


def climb(
    level: Level, machine: Machine, launcher: Launcher
) -> tuple[LevelReport, Runner, Launch] | LevelReport:
    """Start a runner at `level` and attack it; just the report when the level is not to be had."""
    reason = ""
    escaped: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    try:
        ways = launches(level, machine)
    except SandboxError as error:
        return LevelReport(level, False, str(error))
    for launch in ways:
        try:
            runner = launcher.start(launch, level, machine.workers)
        except (OSError, SandboxError) as error:
            reason = str(error)
            continue
        try:
            layers = runner.greet()
            names = [name for name, lowest in _tried(level) if level == Level.LIMITS or lowest <= level]
            escaped = attack(runner, names, machine)
        except BaseException as error:
            runner.close()
            if not isinstance(error, SandboxError):
                raise
            reason = str(error)
            continue
        stopped = tuple(name for name in names if name not in escaped)
        if level == Level.LIMITS or not escaped:
            return LevelReport(level, True, _layers(level, layers), escaped, stopped), runner, launch
        runner.close()
        reason = f"these attacks got through: {', '.join(escaped)}"
    return LevelReport(level, False, reason, escaped, stopped)


def survey(level: Level, machine: Machine, launcher: Launcher) -> LevelReport:
    """What every probe does at `level`, those that it need not stop included."""
    found = climb(level, machine, launcher)
    if isinstance(found, LevelReport):
        return found
    report, runner, _ = found
    try:
        tried = [name for name, _ in _tried(level)]
        others = [name for name in tried if name not in report.stopped and name not in report.escaped]
        through = (*report.escaped, *attack(runner, others, machine))
    except SandboxError as error:
        return LevelReport(level, False, str(error))
    finally:
        runner.close()
    return LevelReport(
        level, True, report.reason, through, tuple(name for name in tried if name not in through)
    )


def _tried(level: Level) -> list[tuple[str, Level]]:
    return [(name, lowest) for name, lowest in PROBES.items() if name not in UNTRIED.get(level, ())]


def attack(runner: Runner, names: Sequence[str], machine: Machine) -> tuple[str, ...]:
    """The probes among `names` that get through. Raises SandboxError when the runner dies of one."""
    with _target(machine) as target:
        together = [name for name in names if PROBES[name] < Level.CGROUPS]
        alone = [name for name in names if name not in together]  # they would disturb the others
        escaped = _attack(runner, together, target)
        for name in alone:
            escaped += _attack(runner, [name], target)
    return tuple(escaped)


def _attack(runner: Runner, names: Sequence[str], target: dict[str, Any]) -> list[str]:
    requests = [Request("probe", "", [[name, target]]) for name in names]
    futures = [runner.send(r.header(_WALL_FACTOR), r.body(_WALL_FACTOR)) for r in requests]
    escaped = []
    for name, future in zip(names, futures):
        try:
            reply = read_reply(runner.wait(future, _PROBE_SECONDS), 1)
        except (RunnerDied, TimeoutError):
            raise SandboxError(f"the runner died of its own probe '{name}': {runner.last_words()}") from None
        stopped = reply.failure is not None and reply.failure.status is not Status.FORGED
        if not stopped and reply.results != (False,):
            escaped.append(name)
    return escaped


@contextmanager
def _target(machine: Machine) -> Iterator[dict[str, Any]]:
    """What to attack: a process of this host, a file that everybody may read, and how many are too many."""
    pid = os.getpid()
    if pid == 1:  # the first process of a container, as there is one in every box
        pid = max(int(name) for name in os.listdir("/proc") if name.isdigit())
    with tempfile.NamedTemporaryFile(prefix="envforge-probe-") as file:
        Path(file.name).chmod(0o644)
        yield {"pid": pid, "file": file.name, "processes": machine.limits.processes + 8}


def _layers(level: Level, layers: dict[str, Any]) -> str:
    if level == Level.LIMITS:
        return "resource limits"
    abi = layers["landlock_abi"]
    return "seccomp, " + (f"Landlock ABI {abi}" if abi else "no Landlock in this kernel")
