"""Isolation levels and the box around the runner.

Level 0 has resource limits only, level 1 adds no_new_privs, Landlock and the system-call filter in every child,
level 2 puts the whole runner into bubblewrap namespaces as well. The box is nothing but a command-line prefix.
"""

from __future__ import annotations

import enum
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from envforge.errors import SandboxError

NOBODY = 65534
RUNNER_IN_BOX = "/runner"
LIBRARY_IN_BOX = "/library"


class Level(enum.IntEnum):
    """How strong the isolation is. Higher levels include the lower ones."""

    LIMITS = 0
    CONFINED = 1
    BOXED = 2

    @property
    def title(self) -> str:
        return {
            Level.LIMITS: "resource limits only",
            Level.CONFINED: "no_new_privs + seccomp + Landlock",
            Level.BOXED: "level 1 inside bubblewrap namespaces",
        }[self]

    def __str__(self) -> str:
        return f"{self.value} ({self.title})"


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start a runner: the command up to its configuration, and the paths as the runner sees them."""

    command: tuple[str, ...]
    library: str | None
    user: int | None


def interpreter() -> str:
    """The Python that runs environment programs: this one, without its virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def launches(level: Level, python: str, runner: Path, library: Path | None) -> list[Launch]:
    """Ways to start a runner at `level`, best first; empty when the machine lacks the means.

    `runner` is the folder of the runner's sources, `library` the folder that holds networkx.
    """
    user = NOBODY if os.geteuid() == 0 else None
    if level < Level.BOXED:
        return [Launch((*_start(python, str(runner)),), str(library) if library else None, user)]
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return []
    files = _files(python, runner, library)
    start = _start(python, RUNNER_IN_BOX)
    boxed = LIBRARY_IN_BOX if library else None
    found = []
    if user is not None:
        # Real root needs no user namespace, and without one the zygotes can become somebody else for real,
        # which is what makes the limit on processes bind.
        privileges = ["--cap-drop", "ALL"]
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_KILL"):
            privileges += ["--cap-add", capability]
        spaces = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        found.append(Launch((bwrap, *spaces, *privileges, *_COMMON, *files, *start), boxed, user))
    found.append(Launch((bwrap, "--unshare-all", *_COMMON, *files, *start), boxed, None))
    return found


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


def _start(python: str, runner: str) -> list[str]:
    # -I would ignore PYTHONHASHSEED in the zygotes' own start; -s -S -P -B with an empty environment do not.
    return [python, "-s", "-S", "-P", "-B", "-c", _LINE, runner]


def _files(python: str, runner: Path, library: Path | None) -> list[str]:
    """Mounts: the interpreter with its library, the system's shared libraries, our sources, networkx."""
    arguments: list[str] = []
    prefix = _prefix(python)
    shared = ["/lib", "/lib64", "/lib32", "/usr/lib", "/usr/lib64", "/usr/lib32", "/etc/ld.so.cache"]
    for path in shared:
        if os.path.islink(path):
            arguments += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path):
            arguments += ["--ro-bind", path, path]
    if prefix in ("/", "/usr"):
        arguments += ["--ro-bind", python, python]
    else:
        arguments += ["--ro-bind", prefix, prefix]
    arguments += ["--ro-bind", str(runner), RUNNER_IN_BOX]
    if library is not None:
        arguments += ["--ro-bind", str(library / "networkx"), f"{LIBRARY_IN_BOX}/networkx"]
    return arguments


def _prefix(python: str) -> str:
    if python == interpreter():
        return os.path.realpath(sys.base_prefix)
    line = "import sys; print(sys.base_prefix)"
    try:
        reply = subprocess.run(
            [python, "-S", "-c", line], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SandboxError(f"the interpreter {python} cannot be used: {error}") from error
    return os.path.realpath(reply.stdout.strip())
