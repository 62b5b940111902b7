"""The boxes around the runner: ways to start it at each level of the ladder.

The runner is the same everywhere. Up to level 3 a box is nothing but a command-line prefix; at levels 4 and 5 it is a
container.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envforge.contract import Flavour
from envforge.errors import SandboxError
from envforge.sandbox.cgroups import Cgroup, Limits
from envforge.sandbox.channel import Channel, ProcessChannel
from envforge.sandbox.levels import Level
from envforge.sandbox.request import MEMORY

NOBODY = 65534
RUNNER_IN_BOX = "/runner"
LIBRARY_IN_BOX = "/library"
HEADROOM_BYTES = 256 * 1024 * 1024  # per child: an interpreter with everything preloaded, and its buffers
BASE_BYTES = 1536 * 1024 * 1024  # the supervisor with its queues, and the zygotes
GYM_BYTES = 4 * 1024 * 1024 * 1024  # zygotes that hold other people's packages
GYM_IN_BOX = "/gym"


@dataclass(frozen=True, slots=True)
class Gym:
    """Packages of other people that a runner holds for their adapters (sandbox/gyms.py).

    `folders` are where they are imported from, `modules` what is imported before anything is asked, `missing` the
    modules that a stand-in replaces, which does nothing.
    """

    folders: tuple[Path, ...]
    modules: tuple[str, ...]
    missing: tuple[str, ...] = ()

    def places(self, boxed: bool) -> list[str]:
        """The folders as the runner sees them."""
        return [f"{GYM_IN_BOX}/{i}" if boxed else str(folder) for i, folder in enumerate(self.folders)]


@dataclass(frozen=True, slots=True)
class Machine:
    """What a runner is made of here: the interpreter, the runner's sources, networkx, and how many children."""

    python: str
    runner: Path
    library: Path | None
    workers: int
    image: str = ""  # for containers; empty: our own
    notice: Callable[[str], None] = lambda message: None  # told before something that takes long
    gym: Gym | None = None

    @property
    def limits(self) -> Limits:
        """For the whole runner: what its children may use at once by their own limits, and itself."""
        flavour, base = (Flavour.GYM, GYM_BYTES) if self.gym else (Flavour.BARE, BASE_BYTES)
        memory = self.workers * (MEMORY[flavour] + HEADROOM_BYTES) + base
        return Limits(memory, 4 * self.workers + 48, self.workers + 1)


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start a runner: `open` takes its configuration (see `start`)."""

    library: str | None  # the folder that holds networkx, as the runner sees it
    user: int | None  # whom the zygotes become
    open: Callable[[str], Channel]
    gym: dict[str, Any] | None = None  # as sandbox/zygote.py reads it

    def start(self, level: Level, workers: int) -> Channel:
        """Start the runner. Raises OSError or SandboxError when the box cannot be had."""
        config: dict[str, Any] = {"level": min(level, 1), "workers": workers, "library": self.library}
        config |= {"user": self.user, "gym": self.gym}
        return self.open(json.dumps(config))


def interpreter() -> str:
    """The Python that runs environment programs: this one, without its virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def launches(level: Level, machine: Machine) -> list[Launch]:
    """Ways to start a runner at `level`, best first.

    Raises SandboxError with the reason when the machine lacks the means.
    """
    if level.container:
        from envforge.sandbox.container import container_launch

        return [container_launch(level, machine)]
    user = NOBODY if os.geteuid() == 0 else None
    if level < Level.BOXED:
        command = start_command(machine.python, str(machine.runner))
        library = str(machine.library) if machine.library else None
        gym = gym_settings(machine, boxed=False)
        return [Launch(library, user, lambda config: ProcessChannel([*command, config]), gym)]
    library = LIBRARY_IN_BOX if machine.library else None
    start = start_command(machine.python, RUNNER_IN_BOX)
    opener = _in_a_group if level >= Level.CGROUPS else _plain
    return [
        Launch(
            library,
            user if real else None,
            opener([*prefix, *start], machine.limits),
            gym_settings(machine, boxed=True),
        )
        for prefix, real in bubblewrap(machine)
    ]


def gym_settings(machine: Machine, *, boxed: bool) -> dict[str, Any] | None:
    """What a zygote is told of the packages that it holds."""
    gym = machine.gym
    if gym is None:
        return None
    names = {"modules": list(gym.modules), "missing": list(gym.missing)}
    return {"folders": gym.places(boxed), "boxed": boxed, **names}


def bubblewrap(machine: Machine) -> list[tuple[list[str], bool]]:
    """Command words of the box, best first, and whether it leaves root real. Raises SandboxError without bwrap."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxError("bubblewrap (bwrap) is not installed")
    files = _files(machine)
    found = []
    if os.geteuid() == 0:
        # Real root needs no user namespace, and without one the zygotes can become somebody else for real,
        # which is what makes the limit on processes bind.
        privileges = ["--cap-drop", "ALL"]
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_KILL"):
            privileges += ["--cap-add", capability]
        spaces = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        found.append(([bwrap, *spaces, *privileges, *_COMMON, *files], True))
    found.append(([bwrap, "--unshare-all", *_COMMON, *files], False))
    return found


def _plain(command: list[str], limits: Limits) -> Callable[[str], Channel]:
    return lambda config: ProcessChannel([*command, config])


def _in_a_group(command: list[str], limits: Limits) -> Callable[[str], Channel]:
    def open(config: str) -> Channel:
        group = Cgroup(limits)
        return ProcessChannel([*group.prefix(), *command, config], after=group.remove)

    return open


_COMMON = (
    "--die-with-parent",
    "--new-session",
    "--clearenv",
    "--setenv",
    "LC_ALL",
    "C.UTF-8",
    "--chdir",
    "/",
)
_LINE = "import sys; sys.path.insert(0, sys.argv.pop(1)); import supervisor; supervisor.main()"


def start_command(python: str, runner: str) -> list[str]:
    """The words that start the runner from its folder; its configuration follows."""
    # -I would ignore PYTHONHASHSEED in the zygotes' own start; -s -S -P -B with an empty environment do not.
    return [python, "-s", "-S", "-P", "-B", "-c", _LINE, runner]


def _files(machine: Machine) -> list[str]:
    """Mounts: the interpreter with its library, the system's shared libraries, our sources, networkx."""
    arguments: list[str] = []
    prefix = _prefix(machine.python)
    shared = ["/lib", "/lib64", "/lib32", "/usr/lib", "/usr/lib64", "/usr/lib32", "/etc/ld.so.cache"]
    for path in shared:
        if os.path.islink(path):
            arguments += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path):
            arguments += ["--ro-bind", path, path]
    if prefix in ("/", "/usr"):
        arguments += ["--ro-bind", machine.python, machine.python]
    else:
        arguments += ["--ro-bind", prefix, prefix]
    arguments += ["--ro-bind", str(machine.runner), RUNNER_IN_BOX]
    if machine.library is not None:
        arguments += ["--ro-bind", str(machine.library / "networkx"), f"{LIBRARY_IN_BOX}/networkx"]
    if machine.gym is not None:
        arguments += [
            "--tmpfs",
            "/tmp",
        ]  # some packages want one while they are imported; children cannot write
        for parent in (GYM_IN_BOX, *(str(folder) for folder in list(Path(prefix).parents)[:-1])):
            # Bubblewrap would make them for itself alone, and children read as somebody else.
            arguments = ["--perms", "0755", "--dir", parent, *arguments]
        for folder, place in zip(machine.gym.folders, machine.gym.places(boxed=True)):
            arguments += ["--ro-bind", str(folder), place]
    return [*arguments, "--remount-ro", "/"]


def _prefix(python: str) -> str:
    if python == interpreter():
        return os.path.realpath(sys.base_prefix)
    return os.path.realpath(ask(python, "import sys; print(sys.base_prefix)"))


def ask(python: str, line: str) -> str:
    """What `line` prints, run by the interpreter `python`. Raises SandboxError when it cannot be used."""
    try:
        reply = subprocess.run(
            [python, "-S", "-c", line], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SandboxError(f"the interpreter {python} cannot be used: {error}") from error
    return reply.stdout.strip()
