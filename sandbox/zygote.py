"""A preloaded interpreter that forks one child per request.

It never sees a source or a result: the supervisor hands it a socket, it forks, the child takes the socket.
So nothing of one request is left in memory for the next one.

Its control socket is descriptor 0. Its one argument is a JSON object: `level`, `flavour`, `library` (folder
that holds networkx), `user` (to become, or null) and `gym` (null, or an object for adapters to other people's
packages: `folders` that hold them, `modules` to import, `missing` modules that a stand-in replaces, `boxed`).
"""

import gc
import importlib
import importlib.machinery
import json
import os
import select
import signal
import socket
import struct
import sys
from time import monotonic  # the real one: the module's is about to stand still
from typing import Any

import child
import packages
from confinement import Confinement, drop_privileges
from policy import ALLOWED_MODULES

ORDER = struct.Struct(">d")  # seconds of wall time for the child
NOTICE = struct.Struct(">iddB")  # wait status, CPU seconds, peak resident MiB, 1 when killed for wall time
READY = b"ready"
KILL = b"kill"


class _OnlyNetworkx:
    """Finds networkx and its parts in its folder, and nothing that lies beside it (numpy, say)."""

    def __init__(self, folder: str) -> None:
        self._folder = [folder]

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name.partition(".")[0] != "networkx":
            return None
        return importlib.machinery.PathFinder.find_spec(name, path or self._folder, target)


def main() -> None:
    """Preload, lay down privileges, serve until the supervisor is gone."""
    supervisor = os.getppid()
    control = socket.socket(fileno=0)
    config = json.loads(sys.argv[1])
    gym = config["gym"] if config["flavour"] == "gym" else None
    confinement = Confinement(config["level"], packages.readable(gym) if gym else ())
    preload(config["flavour"], config["library"])
    if gym:
        if confinement.level and not (gym["boxed"] or confinement.layers()["landlock_abi"]):
            sys.exit("without a box and without Landlock a package could read every file")
        packages.preload(gym)
    if config["user"] is not None:
        drop_privileges(config["user"])
    confinement.die_with_parent(supervisor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the host's business
    _answer_to_limits()
    bell = _bell()
    poll = select.poll()
    poll.register(bell, select.POLLIN)
    poll.register(control, select.POLLIN)
    sys.argv.clear()  # it names folders of the host
    if gym:
        packages.settle(0)
    else:
        child.close_imports()
        child.isolate_time(0)
    gc.collect()
    gc.freeze()
    gc.disable()
    control.send(READY + json.dumps(confinement.layers()).encode())
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 64, 1)
        if not message:
            return
        if not descriptors:
            continue  # a kill order that came too late
        control.send(_one(control, descriptors[0], ORDER.unpack(message)[0], confinement, bell, poll))


def preload(flavour: str, library: str | None) -> None:
    """Import everything that a program of this flavour may import."""
    if flavour == "networkx" and library is not None:
        sys.meta_path.append(_OnlyNetworkx(library))
        importlib.import_module("networkx")
    for name in ("__future__", "unicodedata", *ALLOWED_MODULES):
        if name != "networkx":
            importlib.import_module(name)


def _answer_to_limits() -> None:
    """Undo what the host may have passed on: an ignored or blocked signal would make a limit toothless."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for name in (signal.SIGALRM, signal.SIGPROF, signal.SIGXCPU, signal.SIGSYS):
        signal.signal(name, signal.SIG_DFL)


def _bell() -> int:
    """A descriptor that can be read once a child has ended. (Not a pidfd: gVisor had none for long.)"""
    ring, strike = os.pipe()
    os.set_blocking(ring, False)
    os.set_blocking(strike, False)
    signal.set_wakeup_fd(strike)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    return ring


def _one(
    control: socket.socket,
    descriptor: int,
    wall: float,
    confinement: Confinement,
    bell: int,
    poll: select.poll,
) -> bytes:
    pid = os.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(descriptor, 3)
        os.closerange(4, 1 << 16)
        os.closerange(0, 3)
        child.serve(3, confinement)
    os.close(descriptor)
    overdue, deadline = 0, monotonic() + wall
    while True:
        left = deadline - monotonic()
        events = dict(poll.poll(None if overdue else max(0.0, left * 1000)))
        if bell in events:
            os.read(bell, 64)
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            break
        if control.fileno() in events:  # the order to kill, or the supervisor is gone
            orphaned = control.recv(64) == b""
            os.kill(pid, signal.SIGKILL)
            if orphaned:
                os._exit(0)
        elif left <= 0.0 and not overdue:
            overdue = 1
            os.kill(pid, signal.SIGKILL)
    return NOTICE.pack(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, overdue)
