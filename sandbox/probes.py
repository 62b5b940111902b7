"""Attacks on ourselves: what a level must stop is tried for real before the level is believed.

Each probe returns True when it got through. It calls the kernel directly, so that nothing in the interpreter
can make a hole look closed; being killed for it counts as stopped. `CHILD_PROBES` attack from inside all layers
of a child, `BOX_PROBES` from inside the box alone.
"""

import ctypes
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

import seccomp

_NUMBERS = {  # of calls that have no constant elsewhere here
    "x86_64": {"openat": 257, "socket": 41, "clone": 56, "execve": 59, "kill": 62, "ptrace": 101,
               "unshare": 272, "io_uring_setup": 425, "setrlimit": 160, "mmap": 9, "memfd_create": 319},
    "aarch64": {"openat": 56, "socket": 198, "clone": 220, "execve": 221, "kill": 129, "ptrace": 117,
                "unshare": 97, "io_uring_setup": 425, "setrlimit": 164, "mmap": 222, "memfd_create": 279},
}  # fmt: skip
_AT_FDCWD, _SIGCHLD, _PTRACE_SEIZE, _CLONE_NEWUSER = -100, 17, 0x4206, 0x10000000
_MAP_PRIVATE_ANONYMOUS, _READ_WRITE_EXEC = 0x22, 7

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: Any) -> int:
    number = _NUMBERS[seccomp.machine()][name]
    result = _libc.syscall(ctypes.c_long(number), *arguments)
    return int(result)


def _open(path: bytes) -> bool:
    return _call("openat", _AT_FDCWD, path, 0, 0) >= 0


def _fork(_: Any) -> bool:
    pid = _call("clone", ctypes.c_ulong(_SIGCHLD), None, None, None, None)
    if pid == 0:
        os._exit(0)
    return pid > 0


def _execute(_: Any) -> bool:
    # Getting through ends this process with status 0 and no result: the host counts that as an escape too.
    for path in (b"/bin/true", b"/usr/bin/true"):
        argv = (ctypes.c_char_p * 2)(path, None)
        _call("execve", path, argv, None)
    return False


def _writable_code(_: Any) -> bool:
    arguments = (ctypes.c_size_t(4096), _READ_WRITE_EXEC, _MAP_PRIVATE_ANONYMOUS, -1, ctypes.c_long(0))
    return _call("mmap", None, *arguments) not in (-1, 0xFFFFFFFF)


def _box_files(_: Any) -> bool:
    # The box holds the interpreter, wherever on the host that lies: in somebody's home, perhaps.
    folders = [
        path for path in ("/var", "/home", "/root", "/tmp") if not sys.base_prefix.startswith(path + "/")
    ]
    return any(os.path.exists(path) for path in ("/etc/passwd", "/proc/self", "/sys", "/dev", *folders))


def _box_network(_: Any) -> bool:
    return any(name != "lo" for _, name in socket.if_nameindex())


def _box_processes(host_pid: int) -> bool:
    try:
        os.kill(host_pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


CHILD_PROBES: dict[str, Callable[[Any], bool]] = {
    "read a file": lambda _: _open(b"/") or _open(b"/usr"),
    "read /proc": lambda _: _open(b"/proc/self/maps"),
    "TCP socket": lambda _: _call("socket", 2, 1, 0) >= 0,
    "UDP socket": lambda _: _call("socket", 2, 2, 0) >= 0,
    "unix socket": lambda _: _call("socket", 1, 1, 0) >= 0,
    "netlink socket": lambda _: _call("socket", 16, 3, 0) >= 0,
    "fork": _fork,
    "execute a program": _execute,
    "signal another process": lambda pid: _call("kill", int(pid), 0) == 0,
    "trace a process": lambda pid: _call("ptrace", ctypes.c_long(_PTRACE_SEIZE), int(pid), None, None) == 0,
    "user namespace": lambda _: _call("unshare", _CLONE_NEWUSER) == 0,
    "io_uring": lambda _: _call("io_uring_setup", 1, ctypes.create_string_buffer(120)) >= 0,
    "writable code": _writable_code,
    "memory file": lambda _: _call("memfd_create", b"x", 0) >= 0,
    "raise own limits": lambda _: _call("setrlimit", 6, (ctypes.c_ulong * 2)(9, 9)) == 0,
}
BOX_PROBES: dict[str, Callable[[Any], bool]] = {
    "host files": _box_files,
    "host network": _box_network,
    "host processes": _box_processes,
}
PROBES = {**CHILD_PROBES, **BOX_PROBES}
