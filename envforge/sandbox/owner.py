"""Who this host process is, so that what it leaves behind when it is killed can be told from what is in use."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Owner:
    """A process for ever: process ids are used again, its start time (clock ticks since boot) is not."""

    pid: int
    started: int
    machine: str  # the boot and the process-id namespace in which `pid` means something

    @property
    def space(self) -> str:
        """The process-id namespace alone: enough for what does not survive a boot."""
        return self.machine.rpartition("/")[2]

    @property
    def slug(self) -> str:
        return f"{self.pid}-{self.started}"

    @property
    def label(self) -> str:
        return f"{self.machine}/{self.slug}"


def owner() -> Owner:
    """This process."""
    pid = os.getpid()
    return Owner(pid, _started(pid) or 0, _machine())


def alive(pid: int, started: int) -> bool:
    """Whether the process that had this id and start time is still there, or may be: some hide from this user."""
    return _hidden(pid) or _started(pid) == started


def orphaned(label: str) -> bool:
    """Whether the owner with this label has ended; False where that cannot be told from here."""
    machine, _, slug = label.rpartition("/")
    pid, _, started = slug.partition("-")
    if machine != _machine() or not (pid.isdigit() and started.isdigit()):
        return False
    return not alive(int(pid), int(started))


def _hidden(pid: int) -> bool:
    """Whether there is such a process, but not in our /proc (mounted with hidepid): another user's."""
    if os.path.exists(f"/proc/{pid}/stat"):
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except ProcessLookupError:
        pass
    return False


def _started(pid: int) -> int | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    state, *fields = text.rpartition(")")[2].split()
    return None if state in ("Z", "X") else int(fields[18])


@functools.cache
def _machine() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("utf-8").strip()
    return f"{boot}/{os.stat('/proc/self/ns/pid').st_ino}"
