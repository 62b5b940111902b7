"""Control groups around the box: memory, processes and CPU of the whole runner, where the user may set them.

Both versions of the kernel's interface are there, each controller in whichever of the two it is mounted. Limits on
single children are the children's own (sandbox/confinement.py); these bind whatever would slip past them.
"""

from __future__ import annotations

import errno
import itertools
import os
import re
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from envforge.errors import SandboxError
from envforge.sandbox.owner import alive, owner

_PREFIX = "envforge-"
_CONTROLLERS = ("memory", "pids", "cpu")
REQUIRED = ("memory", "pids")  # without these two it is not level 3; a missing `cpu` is only told
_PERIOD_MICROSECONDS = 100_000
_serial = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a whole runner may use."""

    memory_bytes: int
    processes: int
    cores: int


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Where this process stands in one mounted hierarchy, and the controllers that live there."""

    version: int
    mount: Path
    here: Path
    controllers: tuple[str, ...]


def hierarchies(proc: Path = Path("/proc/self")) -> list[Hierarchy]:
    """The hierarchies that have one of our controllers. Raises SandboxError with the reason when there is none."""
    try:
        mounts = (proc / "mountinfo").read_text("utf-8").splitlines()
        membership = (proc / "cgroup").read_text("utf-8").splitlines()
    except OSError as error:
        raise SandboxError(f"control groups cannot be found: {error}") from error
    paths: dict[str, str] = {}
    for line in membership:
        _, names, path = line.split(":", 2)
        for name in names.split(",") if names else [""]:
            paths[name] = path
    found = []
    for line in mounts:
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        if kind not in ("cgroup", "cgroup2"):
            continue
        root, point = before.split(" ")[3:5]
        mount = Path(_unescape(point))
        if kind == "cgroup2":
            version, name = 2, ""
            listed = _words(mount / "cgroup.controllers")
        else:
            version = 1
            listed = re.split(r"[ ,]", options)
            name = next((word for word in listed if word in paths), "")
        ours = tuple(word for word in _CONTROLLERS if word in listed)
        if ours and name in paths:
            inside = os.path.relpath(paths[name], _unescape(root))
            found.append(Hierarchy(version, mount, (mount / inside).resolve(), ours))
    if not found:
        raise SandboxError("no control groups are mounted")
    return found


class Cgroup:
    """A group for one runner, made now and removed by `remove`.

    Raises SandboxError with the reason when the user may not make one with memory and process limits.
    """

    def __init__(self, limits: Limits, proc: Path = Path("/proc/self")) -> None:
        self.folders: list[Path] = []
        self.controllers: list[str] = []
        self._limits = limits
        name = f"{_PREFIX}{owner().space}-{owner().slug}-{next(_serial)}"
        problems = []
        for hierarchy in hierarchies(proc):
            try:
                folder = _parent(hierarchy) / name
                _sweep(folder.parent)
                folder.mkdir()
                self.folders.append(folder)
                self.controllers += _limit(folder, hierarchy, limits)
            except OSError as error:
                problems.append(f"{hierarchy.mount}: {error.strerror or error}")
        missing = [controller for controller in REQUIRED if controller not in self.controllers]
        if missing:
            self.remove()
            reason = f" ({'; '.join(problems)})" if problems else ""
            raise SandboxError(f"limits on {' and '.join(missing)} cannot be set by control groups{reason}")

    def prefix(self) -> list[str]:
        """Command words that move a process into the group before it becomes the box: no moment outside of it."""
        line = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 126; shift; n=$((n-1)); done; exec "$@"'
        files = [str(folder / "cgroup.procs") for folder in self.folders]
        return ["/bin/sh", "-c", line, "sh", str(len(files)), *files]

    def holds(self, pid: int) -> bool:
        """Whether the process is in the group, in every hierarchy."""
        return all(str(pid) in _words(folder / "cgroup.procs") for folder in self.folders)

    def remove(self) -> None:
        """End what is still in the group and remove it. What the kernel refuses is left to the next sweep."""
        for folder in self.folders:
            _end(folder)
        self.folders.clear()


def _parent(hierarchy: Hierarchy) -> Path:
    """The group below which ours is made; in version 2 its children get the controllers."""
    if hierarchy.version == 1:
        return hierarchy.here
    # A group of version 2 that has processes cannot give controllers to children, so ours stands beside us in
    # the nearest group above that can: the root, or whatever was delegated to this user.
    for folder in (hierarchy.here, *hierarchy.here.parents):
        if not folder.is_relative_to(hierarchy.mount):
            break
        wanted = [word for word in hierarchy.controllers if word in _words(folder / "cgroup.controllers")]
        given = _words(folder / "cgroup.subtree_control")
        if not all(word in wanted for word in REQUIRED if word in hierarchy.controllers):
            continue
        try:
            for word in wanted:
                if word not in given:
                    _give(folder, word)
            if os.access(folder, os.W_OK) and os.access(folder / "cgroup.procs", os.W_OK):
                return folder
        except OSError:
            continue
    raise PermissionError(errno.EACCES, "no group here may be divided (none was delegated to this user)")


def _give(folder: Path, controller: str) -> None:
    """Hand a controller to the groups below. Raises OSError when the kernel refuses one that is required."""
    try:
        with (folder / "cgroup.subtree_control").open("a") as control:
            control.write(f"+{controller} ")
    except OSError:
        if controller in REQUIRED:
            raise


def _limit(folder: Path, hierarchy: Hierarchy, limits: Limits) -> list[str]:
    """Write the limits of the controllers in this hierarchy; the ones that took."""
    quota = limits.cores * _PERIOD_MICROSECONDS
    memory = str(limits.memory_bytes)
    # (controller, file, value, whether the kernel may lack the file)
    table: dict[int, list[tuple[str, str, str, bool]]] = {
        1: [
            ("memory", "memory.limit_in_bytes", memory, False),
            ("memory", "memory.memsw.limit_in_bytes", memory, True),
            ("pids", "pids.max", str(limits.processes), False),
            ("cpu", "cpu.cfs_period_us", str(_PERIOD_MICROSECONDS), False),
            ("cpu", "cpu.cfs_quota_us", str(quota), False),
        ],
        2: [
            ("memory", "memory.max", memory, False),
            ("memory", "memory.swap.max", "0", True),
            ("pids", "pids.max", str(limits.processes), False),
            ("cpu", "cpu.max", f"{quota} {_PERIOD_MICROSECONDS}", False),
        ],
    }
    took = []
    for controller, file, value, optional in table[hierarchy.version]:
        if controller not in hierarchy.controllers or (optional and not (folder / file).exists()):
            continue
        if not (folder / file).exists():
            continue  # a controller that was not given to this group
        (folder / file).write_text(value)
        if controller not in took:
            took.append(controller)
    return took


def _sweep(parent: Path) -> None:
    """Remove the groups of hosts that ended without removing them."""
    for folder in parent.glob(f"{_PREFIX}*"):
        match = re.fullmatch(rf"{_PREFIX}{owner().space}-(\d+)-(\d+)-\d+", folder.name)
        if match and not alive(int(match[1]), int(match[2])):
            _end(folder)


def _end(folder: Path, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            folder.rmdir()
            return
        except FileNotFoundError:
            return
        except OSError:
            if time.monotonic() > deadline:
                return
        for pid in map(int, _words(folder / "cgroup.procs")):
            if (
                pid > 0
            ):  # 0 is one of a process-id namespace that we cannot see, and to kill() it means ourselves
                try:
                    os.kill(pid, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    pass
        time.sleep(0.01)


def _words(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8").split()
    except OSError:
        return []


def _unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
