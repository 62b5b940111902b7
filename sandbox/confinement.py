"""What a child gives up before it sees untrusted code, in order: descriptors, resources, files, system calls."""

import ctypes
import math
import os
import resource
import signal

from landlock import Ruleset
from seccomp import PR_SET_NO_NEW_PRIVS, Filter

PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4
HEADROOM_BYTES = 128 * 1024 * 1024  # the interpreter itself, with everything that is preloaded
STACK_BYTES = 8 * 1024 * 1024


class Confinement:
    """The layers of one isolation level: 0 resource limits only, from 1 on Landlock and seccomp as well.

    With `readable` folders, files below them may be opened to be read.
    """

    def __init__(self, level: int, readable: tuple[str, ...] = ()) -> None:
        self.level = level
        self._parent = os.getpid()  # the zygote, which makes this before it forks
        self._prctl = ctypes.CDLL(None, use_errno=True).prctl  # looked up here, not in every child
        self._landlock = Ruleset(readable)
        self._filter = Filter(bool(readable)) if level >= 1 else None

    def layers(self) -> dict[str, bool | int]:
        """What is really in force, for the report on isolation."""
        return {"seccomp": self._filter is not None, "landlock_abi": self._landlock.abi if self.level else 0}

    def enter(self, memory_bytes: int, cpu_seconds: float) -> None:
        """Bind this process for good. `cpu_seconds` bounds the whole of it, calls have timers of their own."""
        self.die_with_parent(self._parent)
        self._limit(memory_bytes, cpu_seconds)
        if self._filter is not None:
            zero = ctypes.c_ulong(0)
            self._prctl(PR_SET_DUMPABLE, zero, zero, zero, zero)
            self._prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero)
            self._landlock.enforce()
            self._filter.install()

    def die_with_parent(self, parent: int) -> None:
        """Have the kernel kill this process when `parent`, which made it, ends; at once if it has ended."""
        zero = ctypes.c_ulong(0)
        self._prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), zero, zero, zero)
        if os.getppid() != parent:
            os._exit(0)

    def _limit(self, memory_bytes: int, cpu_seconds: float) -> None:
        cpu = max(1, math.ceil(cpu_seconds))
        for name, soft, hard in (
            (resource.RLIMIT_NPROC, 0, 0),
            (resource.RLIMIT_FSIZE, 0, 0),
            (resource.RLIMIT_CORE, 0, 0),
            (resource.RLIMIT_MEMLOCK, 0, 0),
            (resource.RLIMIT_MSGQUEUE, 0, 0),
            (resource.RLIMIT_STACK, STACK_BYTES, STACK_BYTES),
            (resource.RLIMIT_AS, memory_bytes + HEADROOM_BYTES, memory_bytes + HEADROOM_BYTES),
            (resource.RLIMIT_CPU, cpu, cpu + 1),
        ):
            try:
                resource.setrlimit(name, (soft, hard))
            except ValueError:
                if (
                    name != resource.RLIMIT_MSGQUEUE
                ):  # gVisor cannot set this one; the filter forbids the calls
                    raise


def drop_privileges(user: int) -> None:
    """Become the unprivileged `user` for good: limits on processes do not bind root."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
