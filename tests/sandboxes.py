"""Sandboxes for tests: at exactly one level, programs to run in them, and ways to look at what they are made of."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import campaign
import pytest

from envforge.config import SandboxConfig
from envforge.errors import IsolationError
from envforge.sandbox import Level, Sandbox
from envforge.sandbox.cgroups import hierarchies
from envforge.sandbox.channel import ProcessChannel
from envforge.sandbox.container import Container

T = TypeVar("T")
Maker = Callable[..., Sandbox]
PATIENCE_SECONDS = 60.0  # for what takes a moment: reached only when it never comes

# Every level that is a boundary; gVisor takes seconds to start, so the quick tests alone run there.
LEVELS = [pytest.param(int(level), id=level.slug) for level in Level if Level.LIMITS < level < Level.GVISOR]
ALL_LEVELS = [*LEVELS, pytest.param(int(Level.GVISOR), id=Level.GVISOR.slug)]

TAIL = """

def prompt(state):
    return f"A question that is long enough: {state}?"


def reference(state):
    return str(state["n"])


def score(state, answer):
    return 1.0 if answer == reference(state) else 0.0
"""
DRAW = '''"""Draws numbers."""
def generate(rng, difficulty):
    return {"n": rng.randrange(10**9), "more": [rng.random() for _ in range(difficulty)]}
''' + TAIL  # fmt: skip
BUSY = '''"""Is busy for some hundredths of a second per level."""
def generate(rng, difficulty):
    total = 0
    for i in range(200_000 * (difficulty + 1)):
        total += i & 3
    return {"n": rng.randrange(10**9)}
''' + TAIL  # fmt: skip


def drawn(seed: int) -> int:
    """The `n` that DRAW and BUSY draw."""
    return random.Random(seed).randrange(10**9)


@contextlib.contextmanager
def maker() -> Iterator[Maker]:
    """Makes started sandboxes at exactly one level, two workers each unless told; closes them at the end."""
    made: list[Sandbox] = []

    def make(level: int, **options: Any) -> Sandbox:
        config = SandboxConfig(isolation=level, use=str(int(level)), **{"workers": 2, **options})
        sandbox = Sandbox(config)
        made.append(sandbox)
        try:
            sandbox.start()
        except IsolationError as error:
            campaign.missing(str(error), level)
        return sandbox

    try:
        yield make
    finally:
        for sandbox in made:
            sandbox.close()


def front(sandbox: Sandbox) -> int:
    """The process of this machine that the sandbox's runner is, or the box around it."""
    assert sandbox._runner is not None
    channel = sandbox._runner.channel
    if isinstance(channel, ProcessChannel):
        return channel.pid
    pid = inspected(container_of(sandbox))["State"]["Pid"]
    assert isinstance(pid, int) and pid > 0, "the container does not run"
    return pid


def container_of(sandbox: Sandbox) -> Container:
    """The container of a sandbox at one of the container levels."""
    assert sandbox._runner is not None and isinstance(sandbox._runner.channel, Container)
    return sandbox._runner.channel


def inspected(container: Container) -> dict[str, Any]:
    """What the engine tells about a container."""
    found: dict[str, Any] = container._client.api.inspect_container(container.id)
    return found


def below(sandbox: Sandbox) -> dict[int, str]:
    """The processes of a sandbox and their command lines, as campaign.descendants has them."""
    pid = front(sandbox)
    found = campaign.descendants(pid)
    with contextlib.suppress(FileNotFoundError):  # it has just been killed
        found[pid] = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return found


def processes(sandbox: Sandbox, kind: str) -> list[int]:
    """The living processes of a sandbox whose command line contains `kind`."""
    # bwrap's command line contains that of what it runs.
    return sorted(
        pid
        for pid, line in below(sandbox).items()
        if kind in line and ("/bwrap " in line) == (kind == "/bwrap ")
    )


def group_of(pid: int, controller: str) -> Path:
    """The folder of the control group in which a process is, in the hierarchy of this controller."""
    place = next(place for place in hierarchies() if controller in place.controllers)
    name = controller if place.version == 1 else ""
    lines = [line.split(":", 2) for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines()]
    path = next(path for _, names, path in lines if name in names.split(","))
    return place.mount / path.lstrip("/")


def limit_of(group: Path, controller: str) -> int:
    """The limit that the kernel has for memory (bytes) or pids in a control group."""
    names = {"memory": ("memory.max", "memory.limit_in_bytes"), "pids": ("pids.max",)}[controller]
    file = next(group / name for name in names if (group / name).exists())
    return int(file.read_text())


def child(sandbox: Sandbox) -> int:
    """A process that runs a program now, confined already; waits for one."""

    def found() -> int | None:
        for zygote in processes(sandbox, "zygote.main()"):
            for pid in campaign.descendants(zygote):
                with contextlib.suppress(OSError):
                    if _filters(pid) > _filters(zygote):
                        return pid
        return None

    pid = until(found, "a child that runs")
    assert pid is not None
    return pid


def _filters(pid: int) -> int:
    """How many system-call filters bind a process: a container's profile is one of them."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("Seccomp_filters:")[2].split()[0])


def until(found: Callable[[], T], what: str) -> T:
    """The first true value of `found`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        value = found()
        if value:
            return value
        assert time.monotonic() < deadline, f"this never came: {what}"
        time.sleep(0.002)


def kill(pid: int) -> None:
    """End a process of a sandbox as an operator or the machine's memory killer would."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
