"""Levels docker and gvisor: what binds a container, how long it lives, and what is said where there is no engine."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import platform
import re
import signal
import socket
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import campaign
import pytest
from sandboxes import (
    ALL_LEVELS,
    BUSY,
    DRAW,
    Maker,
    container_of,
    drawn,
    front,
    group_of,
    inspected,
    limit_of,
    until,
)

from envforge.config import SandboxConfig
from envforge.errors import IsolationError, SandboxError
from envforge.sandbox import Level, Request, Sandbox, runner
from envforge.sandbox.box import NOBODY, Machine
from envforge.sandbox.container import OWNER_LABEL, SENTRY_THREADS, Container, Engine
from envforge.sandbox.image import LABEL, PYTHON, REPOSITORY
from envforge.sandbox.owner import owner

DOCKER, GVISOR = ALL_LEVELS[-2:]
BOTH = pytest.mark.parametrize("level", [DOCKER, GVISOR])
OURS = f"{REPOSITORY}-test"  # repository of the images that tests make and remove


def there(engine: Engine, container: str) -> bool:
    return container in {found.id for found in engine.containers()}


def pause(engine: Engine, container: str) -> None:
    """Stop everything in it. On a busy machine an engine may need more than one try to catch every process."""

    def done() -> bool:
        with contextlib.suppress(docker.errors.APIError):
            engine.client.api.pause(container)
        return bool(engine.client.api.inspect_container(container)["State"]["Paused"])

    docker = pytest.importorskip("docker")
    until(done, "that the container is paused")


def mine(engine: Engine) -> set[str]:
    """The containers of this process."""
    return {found.id for found in engine.containers() if found.labels[OWNER_LABEL] == owner().label}


# What binds it


@BOTH
def test_a_container_has_as_little_as_there_can_be(level: int, make: Maker, machine: Machine) -> None:
    sandbox = make(level)
    found = inspected(container_of(sandbox))
    host, config = found["HostConfig"], found["Config"]
    limits = sandbox.machine.limits
    assert host["NetworkMode"] == host["IpcMode"] == "none" and list(
        found["NetworkSettings"]["Networks"]
    ) == ["none"]
    assert host["PidMode"] == host["UTSMode"] == host["UsernsMode"] == ""
    assert host["ReadonlyRootfs"] and not host["Privileged"]
    assert found["Mounts"] == [] and not host["Binds"] and not host["Devices"] and not host["VolumesFrom"]
    for folder in ("/tmp", "/dev/shm", "/dev/mqueue"):
        assert host["Tmpfs"][folder].split(",") == ["ro", "noexec", "nosuid", "nodev", "size=4k"]
    assert host["CapDrop"] == ["ALL"] and not host["CapAdd"] and not host["GroupAdd"]
    privileges, profile = host["SecurityOpt"]
    assert privileges == "no-new-privileges:true"
    assert json.loads(profile.removeprefix("seccomp=")) == seccomp(machine)
    assert host["PidsLimit"] == limits.processes + (SENTRY_THREADS if level == Level.GVISOR else 0)
    assert host["Memory"] == host["MemorySwap"] == limits.memory_bytes
    assert host["NanoCpus"] == min(limits.cores, os.cpu_count() or 1) * 10**9
    assert host["LogConfig"]["Type"] == "none"
    assert host["AutoRemove"] and host["RestartPolicy"]["Name"] in ("", "no")
    assert host["Runtime"] == ("runsc" if level == Level.GVISOR else "runc")
    assert config["User"] == f"{NOBODY}:{NOBODY}" and not config["Tty"] and not config["Volumes"]
    assert config["OpenStdin"] and config["StdinOnce"], "without it the runner would outlive its host"
    assert config["Labels"] == {LABEL: "container", OWNER_LABEL: owner().label}


def test_the_kernel_holds_it_to_that(make: Maker) -> None:
    """What the engine reports is one thing, what its runner's process has another."""
    sandbox = make(Level.DOCKER)
    pid, limits = front(sandbox), sandbox.machine.limits
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line
    )
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[kind], 16) == 0, kind
    assert set(status["Uid"].split()) == set(status["Gid"].split()) == {str(NOBODY)}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    for space in ("net", "ipc", "pid", "mnt", "uts"):
        assert os.readlink(f"/proc/{pid}/ns/{space}") != os.readlink(f"/proc/self/ns/{space}"), space
    devices = Path(f"/proc/{pid}/net/dev").read_text().splitlines()[2:]
    assert [line.partition(":")[0].strip() for line in devices] == ["lo"]
    root = next(
        line.split()
        for line in Path(f"/proc/{pid}/mountinfo").read_text().splitlines()
        if line.split()[4] == "/"
    )
    assert "ro" in root[5].split(",")
    assert limit_of(group_of(pid, "memory"), "memory") == limits.memory_bytes
    assert limit_of(group_of(pid, "pids"), "pids") == limits.processes


@pytest.fixture
def inside(engine: Engine, image: str, machine: Machine) -> Callable[..., Any]:
    """Runs Python code in a container with the settings of a sandbox; what it prints, read as JSON."""

    def run(code: str, level: int = Level.DOCKER, profile: dict[str, Any] | None = None) -> Any:
        connection = Engine()
        try:
            runtime = connection.runtime(Level(level))
        except SandboxError as error:
            connection.close()
            campaign.missing(str(error), level)
        text = json.dumps(profile or seccomp(machine))
        container = Container(connection, image, [PYTHON, "-S", "-c", code], runtime, text, machine.limits)
        try:
            said = b""
            while chunk := container.receive(1 << 16):
                said += chunk
            assert said, container.last_words()
            return json.loads(said)
        finally:
            container.end()
            container.release()

    return run


WRITE = """
import json, os
made, opened = [], []
mounts = [line.split()[4] for line in open("/proc/self/mountinfo")]
for folder, folders, files in os.walk("/"):
    if folder in ("/proc", "/sys"):
        folders[:] = ["self", "sys"] if folder == "/proc" else []
    try:
        os.close(os.open(folder + "/envforge-test", os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        made.append(folder)
    except OSError:
        pass
    for file in files:
        try:
            os.close(os.open(folder + "/" + file, os.O_WRONLY | os.O_NONBLOCK))
            opened.append(folder + "/" + file)
        except OSError:
            pass
for mount in mounts:
    try:
        os.close(os.open(mount + "/envforge-mount", os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        made.append(mount)
    except OSError:
        pass
print(json.dumps([made, opened]))
"""
# A process may always write to itself and to devices that keep nothing; the engine puts /dev/null over two files.
_HARMLESS = re.compile(
    r"/proc/(self/.*|keys|timer_list)|/dev/(stdin|stdout|stderr|null|zero|full|u?random|ptmx|pts/ptmx|fuse|net/tun)"
)


@BOTH
def test_nothing_can_be_written_anywhere(level: int, inside: Callable[..., Any]) -> None:
    """By the runner itself: to a child even opening a file is denied."""
    made, opened = inside(WRITE, level)
    assert made == []
    assert [file for file in opened if not _HARMLESS.fullmatch(file)] == []
    assert "/dev/null" in opened, "it did not try"


# The system calls of the container


def seccomp(machine: Machine) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((machine.runner / "seccomp.json").read_text("utf-8"))
    return found


FORBIDDEN = """
    accept accept4 acct add_key bind bpf chroot clock_settime connect create_module delete_module execveat
    fanotify_init finit_module fsconfig fsmount fsopen init_module io_uring_enter io_uring_register io_uring_setup
    ioperm iopl kcmp kexec_file_load kexec_load keyctl listen lookup_dcookie mbind memfd_create memfd_secret mkdir
    mkdirat mknod mknodat modify_ldt mount mount_setattr move_mount move_pages mq_open msgget name_to_handle_at
    open_by_handle_at open_tree perf_event_open personality pidfd_getfd pivot_root process_madvise process_vm_readv
    process_vm_writev ptrace quotactl reboot rename renameat2 request_key semget set_mempolicy setgid setgroups
    sethostname setns setresgid setresuid setuid settimeofday shmget socket swapon symlink symlinkat syslog
    timer_create truncate umount2 unlink unlinkat unshare userfaultfd vmsplice
""".split()


def test_the_profile_is_a_list_of_what_is_allowed(machine: Machine) -> None:
    profile = seccomp(machine)
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO" and set(profile) == {
        "defaultAction",
        "archMap",
        "syscalls",
    }
    assert [entry["subArchitectures"] for entry in profile["archMap"]] == [[], []], (
        "32-bit calls have other numbers"
    )
    free = [
        entry for entry in profile["syscalls"] if entry["action"] == "SCMP_ACT_ALLOW" and not entry["args"]
    ]
    names = [name for entry in free for name in entry["names"]]
    assert names == sorted(set(names))
    assert not set(names) & {*FORBIDDEN, "clone", "clone3", "socketpair"}
    bound = {name: entry for entry in profile["syscalls"] if entry not in free for name in entry["names"]}
    assert set(bound) == {"clone", "clone3", "socketpair"}
    assert bound["clone3"]["action"] == "SCMP_ACT_ERRNO"
    spaces = ("NEWNS", "NEWCGROUP", "NEWUTS", "NEWIPC", "NEWUSER", "NEWPID", "NEWNET")
    flags = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
    (mask,) = bound["clone"]["args"]
    assert (mask["index"], mask["op"], mask.get("valueTwo", 0)) == (0, "SCMP_CMP_MASKED_EQ", 0)
    assert mask["value"] == sum(flags), f"not exactly the flags {spaces}"
    (family,) = bound["socketpair"]["args"]
    assert (family["index"], family["value"], family["op"]) == (0, int(socket.AF_UNIX), "SCMP_CMP_EQ")


# Name: numbers on x86_64 and aarch64, arguments, and whether one without privileges gets it where it is allowed.
CALLS: dict[str, tuple[int, int, list[int], bool]] = {
    "unshare": (272, 97, [0], True),
    "unshare, user namespace": (272, 97, [0x10000000], False),  # another profile of the machine may forbid it
    "clone, user namespace": (56, 220, [0x10000011, 0, 0, 0, 0], False),
    "mount": (165, 40, [0, 0, 0, 0, 0], False),
    "umount2": (166, 39, [0, 0], False),
    "pivot_root": (155, 41, [0, 0], False),
    "chroot": (161, 51, [0], False),
    "setns": (308, 268, [-1, 0], False),
    "ptrace": (101, 117, [0, 0, 0, 0], True),
    "process_vm_readv": (310, 270, [1, 0, 0, 0, 0, 0], False),
    "bpf": (321, 280, [0, 0, 0], False),
    "perf_event_open": (298, 241, [0, 0, 0, 0, 0], False),
    "keyctl": (250, 219, [0, -3, 0], False),
    "add_key": (248, 217, [0, 0, 0, 0, 0], False),
    "io_uring_setup": (425, 425, [1, 0], False),
    "userfaultfd": (323, 282, [1], False),
    "socket, unix": (41, 198, [1, 1, 0], True),
    "socket, inet": (41, 198, [2, 1, 0], True),
    "socket, netlink": (41, 198, [16, 3, 0], True),
    "socketpair, inet": (53, 199, [2, 1, 0, 0], False),
    "connect": (42, 203, [-1, 0, 0], False),
    "bind": (49, 200, [-1, 0, 0], False),
    "clone3": (435, 435, [0, 0], False),
    "personality": (135, 92, [-1], True),
    "execveat": (322, 281, [-1, 0, 0, 0, 0], False),
    "memfd_create": (319, 279, [0, 0], False),
    "open_by_handle_at": (304, 265, [-1, 0, 0], False),
    "mknodat": (259, 33, [-1, 0, 0, 0], False),
    "unlinkat": (263, 35, [-1, 0, 0], False),
    "setuid": (105, 146, [NOBODY], True),
    "mq_open": (240, 180, [0, 0, 0, 0], False),
    "shmget": (29, 194, [0, 4096, 0o1600], True),
    "msgget": (68, 186, [0, 0o1600], True),
    "kcmp": (312, 272, [1, 1, 0, 0, 0], False),
    "pidfd_getfd": (438, 438, [-1, 0, 0], False),
    "fsopen": (430, 430, [0, 0], False),
    "move_pages": (279, 239, [0, 0, 0, 0, 0, 0], True),
    "fanotify_init": (300, 262, [0, 0], False),
    "getpid": (39, 172, [], True),
}
CALL = """
import ctypes, json, os, sys
libc, found = ctypes.CDLL(None, use_errno=True), {}
for name, (number, arguments) in json.loads(sys.argv[1] if sys.argv[1:] else %r).items():
    pid = os.fork()
    if pid == 0:
        result = libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
        os._exit(ctypes.get_errno() if result < 0 else 255)
    found[name] = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(json.dumps(found))
"""
EPERM, ENOSYS, DONE = 1, 38, 255


def test_the_profile_denies_what_it_must(inside: Callable[..., Any]) -> None:
    """Really called in a container, by the user and with the capabilities of the runner."""
    column = {"x86_64": 0, "aarch64": 1}[platform.machine()]
    calls = {name: (call[column], call[2]) for name, call in CALLS.items()}
    code = CALL % json.dumps(calls)
    denied = inside(code)
    assert denied.pop("getpid") == DONE
    assert denied.pop("clone3") == ENOSYS, "else programs do not fall back on clone"
    # The engine says "no such call" instead of "not permitted" for those younger than all that a profile names.
    assert {name: error for name, error in denied.items() if error not in (EPERM, ENOSYS)} == {}
    allowed = inside(code, profile={"defaultAction": "SCMP_ACT_ALLOW"})
    refused = {name for name, call in CALLS.items() if call[3] and allowed[name] != DONE}
    assert refused == set(), "so it was not the profile that denied them"


@pytest.mark.skipif(
    platform.machine() != "x86_64", reason="the calls of two other architectures are x86_64's alone"
)
def test_calls_of_other_architectures_are_fatal(inside: Callable[..., Any]) -> None:
    code = """
import ctypes, json, mmap, os
def ended(act):
    pid = os.fork()
    if pid == 0:
        act()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
def i386():
    code = mmap.mmap(-1, 4096, prot=7)
    code.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20 (getpid there); int 0x80; ret
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
def x32():
    ctypes.CDLL(None).syscall(39 | 0x40000000)
print(json.dumps([ended(i386), ended(x32)]))
"""
    assert inside(code) == [-signal.SIGSYS] * 2


# How long it lives


@BOTH
def test_one_container_serves_all_requests_and_goes_at_the_end(
    level: int, make: Maker, engine: Engine
) -> None:
    sandbox, before = make(level), mine(engine)
    container = container_of(sandbox).id
    assert container in before
    replies = sandbox.run_many([Request("instance", DRAW, [[seed, 0]]) for seed in range(40)])
    assert [reply.results[0]["state"]["n"] for reply in replies] == [drawn(seed) for seed in range(40)]
    assert container_of(sandbox).id == container and mine(engine) == before
    sandbox.close()
    assert not there(engine, container)


def test_each_sandbox_has_a_container_of_its_own(make: Maker, engine: Engine) -> None:
    first, second = make(Level.DOCKER), make(Level.DOCKER)
    assert container_of(first).id != container_of(second).id
    first.close()
    assert there(engine, container_of(second).id)
    assert second.run(Request("instance", DRAW, [[5, 0]])).results[0]["state"]["n"] == drawn(5)


HOST = """
import sys
sys.path.insert(0, sys.argv[1])
from sandboxes import DRAW, container_of, front
from envforge.config import SandboxConfig
from envforge.errors import IsolationError
from envforge.sandbox import Request, Sandbox
sandbox = Sandbox(SandboxConfig(isolation=4, use=sys.argv[2], workers=1))
try:
    sandbox.start()
except IsolationError as error:
    sys.exit(print(error, flush=True))
print(container_of(sandbox).id, front(sandbox), flush=True)
for seed in sys.stdin:
    reply = sandbox.run(Request("instance", DRAW, [[int(seed), 0]]))
    print(reply.results[0]["state"]["n"], flush=True)
"""


class Host:
    """Another process that has a sandbox."""

    def __init__(self, level: int) -> None:
        command = [sys.executable, "-c", HOST, str(Path(__file__).parent), str(int(level))]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        said = self._hear()
        if not re.fullmatch(r"[0-9a-f]{64} \d+", said):
            self.end()
            assert said, "the host broke down"
            campaign.missing(said, level)
        self.container, pid = said.split()
        self.runner = int(pid)

    def ask(self, seed: int) -> int:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{seed}\n")
        self.process.stdin.flush()
        return int(self._hear())

    def _hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        """As the machine's memory killer would: it has no chance to clean up."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


@pytest.fixture
def host() -> Iterator[Callable[[int], Host]]:
    hosts: list[Host] = []

    def start(level: int) -> Host:
        hosts.append(Host(level))
        return hosts[-1]

    yield start
    for started in hosts:
        started.end()


@BOTH
def test_a_container_goes_when_its_host_is_killed(
    level: int, host: Callable[[int], Host], engine: Engine
) -> None:
    other = host(level)
    assert there(engine, other.container)
    other.end()
    until(lambda: not there(engine, other.container), "the end of the container")


@BOTH
def test_a_paused_container_goes_at_the_next_start(
    level: int, host: Callable[[int], Host], engine: Engine, make: Maker
) -> None:
    other = host(level)
    pause(engine, other.container)
    other.end()
    assert engine.client.api.inspect_container(other.container)["State"]["Paused"], "so nothing can end it"
    make(level)
    assert not there(engine, other.container)


def test_a_container_whose_runner_hangs_goes_at_the_next_start(
    host: Callable[[int], Host], engine: Engine, make: Maker
) -> None:
    other = host(Level.DOCKER)
    os.kill(other.runner, signal.SIGSTOP)
    other.end()
    assert engine.client.api.inspect_container(other.container)["State"]["Running"]
    make(Level.DOCKER)
    assert not there(engine, other.container)


def test_a_start_leaves_the_containers_of_living_hosts_alone(
    host: Callable[[int], Host], engine: Engine, make: Maker
) -> None:
    first, second = host(Level.DOCKER), host(Level.DOCKER)
    make(Level.DOCKER)
    engine.sweep()
    for other in (first, second):
        assert there(engine, other.container) and other.ask(7) == drawn(7)


def test_a_sweep_touches_nothing_whose_owner_cannot_be_told(engine: Engine, image: str) -> None:
    """Of another machine that shares the engine, say, or of nobody."""
    api = engine.client.api
    here = owner()
    for label in (f"another-boot/1/{here.slug}", "nonsense", "", f"{here.machine}/1-x"):
        made = api.create_container(image, ["nothing"], labels={LABEL: "container", OWNER_LABEL: label})["Id"]
        try:
            engine.sweep()
            assert there(engine, made), label
        finally:
            api.remove_container(made)


BLOWS: dict[str, Callable[[Engine, str], object]] = {
    "killed": lambda engine, container: engine.client.api.kill(container),
    "stopped": lambda engine, container: engine.client.api.stop(container, timeout=0),
    "removed": lambda engine, container: engine.client.api.remove_container(container, force=True),
    "paused": pause,
}


@BOTH
@pytest.mark.parametrize("blow", BLOWS)
def test_requests_outlive_their_container(
    level: int, blow: str, make: Maker, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = make(level, wall_factor=50.0)
    monkeypatch.setattr(runner, "PULSE_SECONDS", 0.2)
    monkeypatch.setattr(runner, "SILENCE_SECONDS", 3.0)
    container = container_of(sandbox).id
    requests = [Request("instance", BUSY, [[seed, 9]]) for seed in range(6)]
    with ThreadPoolExecutor(1) as thread:
        replies = thread.submit(sandbox.run_many, requests)
        until(lambda: sandbox.counters.requests >= 1, "the first reply")
        BLOWS[blow](engine, container)
        assert [reply.results[0]["state"]["n"] for reply in replies.result()] == [drawn(n) for n in range(6)]
    assert sandbox.counters.retries >= 1 and sandbox.counters.failures == {}
    assert sandbox.run(requests[0]).results[0]["state"]["n"] == drawn(0)
    assert container_of(sandbox).id != container
    sandbox.close()
    until(lambda: not mine(engine), "the end of all containers")


def test_a_paused_container_can_be_closed(make: Maker, engine: Engine) -> None:
    sandbox = make(Level.DOCKER)
    pause(engine, container_of(sandbox).id)
    sandbox.close()
    assert mine(engine) == set()


# The engine


class Relay:
    """Stands between the SDK and the engine, and can cut the line."""

    def __init__(self, folder: Path, engine: str) -> None:
        self._engine, self._open, self._lock = engine, True, threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self.path = folder / "relay.sock"
        self._listener.bind(str(self.path))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                ours, _ = self._listener.accept()
            except OSError:
                return
            theirs = socket.socket(socket.AF_UNIX)
            with self._lock:
                if not self._open:
                    ours.close()
                    continue
                theirs.connect(self._engine)
                self._pairs.append((ours, theirs))
            for source, target in ((ours, theirs), (theirs, ours)):
                threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    @staticmethod
    def _pass(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def cut(self) -> None:
        """As if the engine had gone: every line is dead and nobody answers."""
        with self._lock:
            self._open = False
            for pair in self._pairs:
                for end in pair:
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
            self._pairs.clear()

    def mend(self) -> None:
        with self._lock:
            self._open = True

    def close(self) -> None:
        self.cut()
        self._listener.close()


@pytest.fixture
def relay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine) -> Iterator[Relay]:
    address = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not address.startswith("unix://"):
        pytest.skip("the engine is not behind a socket file")
    made = Relay(tmp_path, address.removeprefix("unix://"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{made.path}")
    yield made
    made.close()


def test_an_engine_that_is_away_for_a_moment_costs_no_result(
    relay: Relay, make: Maker, engine: Engine
) -> None:
    sandbox = make(Level.DOCKER)
    with ThreadPoolExecutor(1) as thread:
        replies = thread.submit(
            sandbox.run_many, [Request("instance", BUSY, [[seed, 9]]) for seed in range(6)]
        )
        until(lambda: sandbox.counters.requests >= 1, "the first reply")
        relay.cut()
        until(lambda: sandbox.counters.retries >= 1, "that somebody notices")
        relay.mend()
        assert [reply.results[0]["state"]["n"] for reply in replies.result()] == [drawn(n) for n in range(6)]
    assert sandbox.counters.failures == {}
    sandbox.close()
    until(lambda: not mine(engine), "the end of all containers")


def test_an_engine_that_stays_away_is_our_failure(
    relay: Relay, make: Maker, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = make(Level.DOCKER)
    monkeypatch.setattr("envforge.sandbox.client.RESTART_PAUSES", (0.0, 0.01))
    relay.cut()
    with pytest.raises(SandboxError, match="the sandbox did not start again: no Docker engine answers at"):
        sandbox.run(Request("instance", DRAW, [[5, 0]]))
    assert sandbox.counters.failures == {}
    sandbox.close()
    until(lambda: not mine(engine), "the end of the container")


def refusal(**options: Any) -> str:
    """What is said when the level docker is not to be had."""
    sandbox = Sandbox(SandboxConfig(**{"isolation": 4, "use": "4", **options}))
    with pytest.raises(IsolationError) as caught:
        sandbox.start()
    sandbox.close()
    said = str(caught.value)
    assert said.startswith("this machine does not give isolation level") and "\n" not in said
    assert said.endswith("or accept a lower level with --isolation")
    return said


def test_an_engine_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gone = f"unix://{tmp_path}/gone.sock"
    monkeypatch.setenv("DOCKER_HOST", gone)
    assert f"no Docker engine answers at {gone}: there is no such socket); start a Docker engine" in refusal()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "dead.sock"))
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/dead.sock")
        assert "nothing listens there (connection refused)" in refusal()
    monkeypatch.setenv("DOCKER_HOST", "tcp://nowhere.invalid:2375")
    assert "no Docker engine answers at tcp://nowhere.invalid:2375: " in refusal()
    monkeypatch.setenv("DOCKER_HOST", "no address at all")
    assert "no Docker engine answers at no address at all: " in refusal()


@pytest.fixture
def impostor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], None]]:
    """Puts something in the engine's place that gives every request the same answer; none at all for b""."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "impostor.sock"))
    listener.listen(8)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/impostor.sock")
    kept: list[socket.socket] = []

    def serve(answer: bytes) -> None:
        def accept() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                kept.append(line)
                if answer:
                    line.recv(1 << 16)
                    line.sendall(answer)
                    line.close()

        threading.Thread(target=accept, daemon=True).start()

    yield serve
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for line in kept:
        line.close()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"220 mail.example ESMTP\r\n", "no Docker engine answers at"),
        (b'HTTP/1.1 500 Oh\r\nContent-Length: 29\r\n\r\n{"message":"it is all\\ndown"}', "it is all down"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnot JSON!", "no Docker engine answers at"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "no Docker engine answers at"),
        (b"", "it does not answer in time"),
    ],
    ids=["another protocol", "error", "no JSON", "nothing in it", "silence"],
)
def test_what_is_no_engine_is_told(
    answer: bytes, reason: str, impostor: Callable[[bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = pytest.importorskip("docker")
    monkeypatch.setattr(docker, "from_env", functools.partial(docker.from_env, timeout=2))
    impostor(answer)
    assert reason in refusal()


def alone(code: str, *arguments: str) -> str:
    """What is said by a process of its own that runs `code` and then asks for the level docker."""
    start = """
from envforge.config import SandboxConfig
from envforge.errors import IsolationError
from envforge.sandbox import Sandbox
try:
    Sandbox(SandboxConfig(isolation=4, use="4")).start()
except IsolationError as error:
    print(error)
"""
    run = subprocess.run(
        [sys.executable, "-c", code + start, *arguments], capture_output=True, text=True, check=True, cwd="/"
    )
    return run.stdout


def test_without_the_sdk_it_is_told_how_to_get_it() -> None:
    said = alone("import sys\nsys.modules['docker'] = None\n")
    assert "the Docker SDK is not installed: pip install 'envforge[docker]'); start a Docker engine" in said


def test_a_socket_that_this_user_may_not_use_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX) as closed:
        closed.bind(str(tmp_path / "closed.sock"))
        closed.listen()
        (tmp_path / "closed.sock").chmod(0)
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/closed.sock")
        said = alone(f"""
import os, docker, envforge.sandbox.container, envforge.sandbox.ladder
if os.geteuid() == 0:
    os.setgroups([])
    os.setresgid({NOBODY}, {NOBODY}, {NOBODY})
    os.setresuid({NOBODY}, {NOBODY}, {NOBODY})
""")
    assert "closed.sock: this user may not use it (permission denied)" in said


def test_an_image_that_the_engine_lacks_is_named(engine: Engine) -> None:
    assert f"the Docker engine has no image '{OURS}:none': build it" in refusal(image=f"{OURS}:none")


def test_an_image_that_does_not_work_is_told(engine: Engine) -> None:
    empty = io.BytesIO()
    with tarfile.open(fileobj=empty, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("nothing"))
    engine.client.api.import_image_from_data(empty.getvalue(), repository=OURS, tag="empty")
    try:
        descriptors = sorted(os.listdir("/proc/self/fd"))
        said = refusal(image=f"{OURS}:empty")
        assert sorted(os.listdir("/proc/self/fd")) == descriptors
    finally:
        engine.client.images.remove(f"{OURS}:empty")
    assert "the container did not start: " in said and PYTHON in said
    assert mine(engine) == set()


def test_a_runtime_that_the_engine_lacks_is_named(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    import docker

    info = {**engine.info, "Runtimes": {"runc": {}}}
    monkeypatch.setattr(docker.DockerClient, "info", lambda client: info)
    said = refusal(isolation=5, use="5")
    assert (
        "the Docker engine has no runtime 'runsc' (gVisor is not registered)); register gVisor's runsc"
        in said
    )


def test_asking_for_containers_tells_why_neither_is_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")
    said = refusal(use="best")
    assert re.search("levels? 4 and 5: no Docker engine answers at unix:///nonexistent.sock", said)
