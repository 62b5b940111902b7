"""Attacks on ourselves: what a level must stop is tried for real before the level is believed.

Each probe returns True when it got through. It calls the kernel directly, so that nothing in the interpreter
can make a hole look closed; being killed for it counts as stopped. `CHILD_PROBES` attack from inside all layers
of a child, `BOX_PROBES` from inside the box alone, `GROUP_PROBES` attack what limits the box as a whole.

Their argument says what to attack: `pid` (a process of the host), `file` (a file of the host that everybody may
read) and `processes` (more than the box may have).
"""

import ctypes
import os
import socket
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


def _host_files(target: dict[str, Any]) -> bool:
    return os.path.exists(target["file"])


def _network(_: Any) -> bool:
    # Connecting a datagram socket sends nothing: it only asks whether there is a way out.
    for family, address in ((socket.AF_INET, "203.0.113.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as out:
                out.connect((address, 9))
            return True
        except OSError:
            pass
    return False


def _host_processes(target: dict[str, Any]) -> bool:
    # The box may have a process of the same number, but then it is of our own session.
    try:
        return os.getsid(target["pid"]) != os.getsid(0)
    except ProcessLookupError:
        return False


def _write(_: Any) -> bool:
    for folder in ("/", "/tmp", "/usr", "/var/tmp", "/dev/shm", "/dev/mqueue", "/runner"):
        path = os.path.join(folder, f"envforge-probe-{os.getpid()}")
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        except OSError:
            continue
        os.unlink(path)
        return True
    return False


def _processes(target: dict[str, Any]) -> bool:
    made = []
    try:
        for _ in range(target["processes"]):
            pid = os.fork()
            if pid == 0:
                os._exit(0)  # it counts until it is waited for
            made.append(pid)
    except OSError:
        return False
    finally:
        for pid in made:
            os.waitpid(pid, 0)
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
    "signal another process": lambda target: _call("kill", target["pid"], 0) == 0,
    "trace a process": lambda target: _call("ptrace", _PTRACE_SEIZE, target["pid"], None, None) == 0,
    "user namespace": lambda _: _call("unshare", _CLONE_NEWUSER) == 0,
    "io_uring": lambda _: _call("io_uring_setup", 1, ctypes.create_string_buffer(120)) >= 0,
    "writable code": _writable_code,
    "memory file": lambda _: _call("memfd_create", b"x", 0) >= 0,
    "raise own limits": lambda _: _call("setrlimit", 6, (ctypes.c_ulong * 2)(9, 9)) == 0,
}
BOX_PROBES: dict[str, Callable[[Any], bool]] = {
    "host files": _host_files,
    "way to a network": _network,
    "host processes": _host_processes,
    "write a file": _write,
}
GROUP_PROBES: dict[str, Callable[[Any], bool]] = {"processes without end": _processes}
PROBES = {**CHILD_PROBES, **BOX_PROBES, **GROUP_PROBES}
