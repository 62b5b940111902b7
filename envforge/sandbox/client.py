"""The sandbox as the rest of envforge sees it: requests in, replies out, every failure with a name."""

from __future__ import annotations

import enum
import json
import math
import os
import signal
import struct
import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from envforge.config import SandboxConfig
from envforge.contract import INSTANCE_CPU_SECONDS, MEMORY_BYTES, Flavour
from envforge.errors import IsolationError, SandboxError
from envforge.locations import data_folder
from envforge.sandbox.box import Launch, Level, interpreter, launches
from envforge.sandbox.runner import RawReply, Runner, RunnerDied

MAX_FRAME_BYTES = 256 * 1024
MAX_OUTPUT_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 64
MAX_BATCH_WALL_SECONDS = 120.0
GRACE_SECONDS = 10.0  # beyond a request's wall limit, before the runner itself counts as stuck


class Status(enum.StrEnum):
    """Why a call gave no value. All of them are the program's doing; what is ours raises SandboxError."""

    RAISED = "raised"  # an exception, or a return value that the contract refuses
    CPU = "out of CPU time"
    WALL = "out of wall time"
    MEMORY = "out of memory"
    FORBIDDEN = "forbidden system call"
    CRASHED = "crashed"
    OUTPUT = "too much output"
    FORGED = "forged result"
    HOSTILE = "hostile"  # took the runner down twice


@dataclass(frozen=True, slots=True)
class Failure:
    """What a program did instead of returning a value."""

    status: Status
    message: str
    line: int = 0  # in the program's source, 0 when unknown
    function: str = ""
    error: str = ""  # exception type, for RAISED

    def __str__(self) -> str:
        place = f" (line {self.line}, in {self.function})" if self.line else ""
        return f"{self.status.value}: {self.message}{place}"


@dataclass(frozen=True, slots=True)
class Request:
    """One child process: load `source`, make one call per item.

    `op` is "inspect", "instance", "derive", "score" or "probe"; `items` and `states` are documented in
    sandbox/child.py. `cpu` is the limit per call in seconds. `precise` makes `Reply.reached` exact, at a price.
    """

    op: str
    source: str
    items: Sequence[Any]
    states: Sequence[str] = ()
    flavour: Flavour = Flavour.BARE
    hash_seed: int = 0
    salt: int = 0
    cpu: float = INSTANCE_CPU_SECONDS
    strict: bool = False
    precise: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """The outcome of one request.

    Either `failure` is None and `results` has one entry per item (a JSON value, or a Failure for a call that
    raised), or the process as a whole failed: then nothing that it said counts, and `reached` is the number
    of calls that it claims to have finished before.
    """

    results: tuple[Any, ...] = ()
    failure: Failure | None = None
    reached: int = 0
    loaded: bool = True
    cpu: float = 0.0
    wall: float = 0.0
    rss_mib: float = 0.0


@dataclass(slots=True)
class Counters:
    """What the sandbox has done so far."""

    requests: int = 0
    calls: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    restarts: int = 0
    cpu_seconds: float = 0.0
    busy_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class LevelReport:
    """What attacking ourselves at one level showed."""

    level: Level
    available: bool
    reason: str  # why not, or which layers are in force
    escaped: tuple[str, ...] = ()


class Sandbox:
    """Runs environment programs, each request in a process of its own. Thread-safe; a context manager.

    Raises IsolationError when the machine cannot give the level asked for, and SandboxError when the sandbox
    itself fails.
    """

    def __init__(
        self, config: SandboxConfig | None = None, *, python: str | None = None, runner: Path | None = None
    ) -> None:
        self.config = config or SandboxConfig()
        self.workers = self.config.workers or os.cpu_count() or 1
        self.counters = Counters()
        self.reports: tuple[LevelReport, ...] = ()
        self._python = python or interpreter()
        self._folder = runner or data_folder("sandbox")
        self._library = _networkx_folder()
        self._lock = threading.Lock()
        self._runner: Runner | None = None
        self._level: Level | None = None
        self._launch_index = 0
        self._closed = False
        # The box dies with the thread that started it, so one thread that outlives every box starts them all.
        self._launcher = ThreadPoolExecutor(1, "sandbox-launcher")
        # Two requests per worker under way: one runs, one waits inside the runner.
        self._pool = ThreadPoolExecutor(2 * self.workers, "sandbox")

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def level(self) -> Level:
        """The level in force. Only after `start`."""
        if self._level is None:
            raise SandboxError("the sandbox has not been started")
        return self._level

    def start(self) -> None:
        """Find the best level, by attacking ourselves from the top of the ladder down, and stay there."""
        with self._lock:
            if self._closed:
                raise SandboxError("the sandbox is closed")
            if self._runner is not None:
                return
            lowest = Level(self.config.isolation)
            exact = None if self.config.use == "best" else Level(int(self.config.use))
            if exact is not None and exact < lowest:
                raise IsolationError(
                    f"level {exact.value} was asked for, but levels below {lowest.value} are refused; "
                    f"set the lowest acceptable level to {exact.value} to force it"
                )
            reports = []
            for level in (exact,) if exact is not None else tuple(sorted(Level, reverse=True)):
                if level < lowest:
                    break
                report, runner, index = self._try(level)
                reports.append(report)
                self.reports = tuple(reports)
                if runner is not None:
                    self._runner, self._level, self._launch_index = runner, level, index
                    return
            tried = "; ".join(f"level {r.level.value}: {r.reason}" for r in reports)
            raise IsolationError(
                f"this machine does not give isolation level {max(lowest, exact or lowest).value} ({tried}); "
                "install bubblewrap and allow unprivileged user namespaces, or accept a lower level with --isolation"
            )

    def survey(self) -> tuple[LevelReport, ...]:
        """Attack ourselves at every level, strongest first, whatever level is in force."""
        found = []
        for level in sorted(Level, reverse=True):
            report, runner, _ = self._try(level)
            if runner is not None:
                runner.close()
            found.append(report)
        return tuple(found)

    def _try(self, level: Level) -> tuple[LevelReport, Runner | None, int]:
        reason = "bubblewrap (bwrap) is not installed"
        escaped: tuple[str, ...] = ()
        try:
            ways = launches(level, self._python, self._folder, self._library)
        except SandboxError as error:
            return LevelReport(level, False, str(error)), None, 0
        for index, launch in enumerate(ways):
            try:
                runner = self._run(launch, level)
            except OSError as error:
                reason = str(error)
                continue
            try:
                layers = runner.greet()
                escaped = self._attack(runner, level)
            except BaseException as error:
                runner.close()
                if not isinstance(error, SandboxError):
                    raise
                reason = str(error)
                continue
            needed = () if level == Level.LIMITS else escaped
            if not needed:
                abi = layers["landlock_abi"]
                parts = "seccomp, " + (f"Landlock ABI {abi}" if abi else "no Landlock in this kernel")
                return LevelReport(level, True, parts if level else "resource limits", escaped), runner, index
            runner.close()
            reason = f"these attacks got through: {', '.join(needed)}"
        return LevelReport(level, False, reason, escaped), None, 0

    def _attack(self, runner: Runner, level: Level) -> tuple[str, ...]:
        """Run every probe that `level` must stop (all of them at level 0, to tell what it lets through)."""
        names = list(PROBES_BOX if level >= Level.BOXED else ()) + list(PROBES_CHILD)
        futures = []
        for name in names:
            request = Request("probe", "", [[name, os.getpid()]])
            futures.append(runner.send(self._header(request), self._body(request)))
        escaped = []
        for name, future in zip(names, futures):
            try:
                reply = self._read(future.result(60.0), 1)
            except (RunnerDied, TimeoutError):
                raise SandboxError(
                    f"the runner died of its own probe '{name}': {runner.last_words()}"
                ) from None
            stopped = reply.failure is not None and reply.failure.status is not Status.FORGED
            if not stopped and reply.results != (False,):
                escaped.append(name)
        return tuple(escaped)

    def close(self) -> None:
        """End the runner and all that is in it."""
        with self._lock:
            self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            if self._runner is not None:
                self._runner.close()
                self._runner = None
        self._launcher.shutdown(wait=True)

    def run(self, request: Request) -> Reply:
        """Run one request."""
        return self.run_many([request])[0]

    def run_many(self, requests: Sequence[Request]) -> list[Reply]:
        """Run requests side by side; replies in the order of the requests."""
        self.start()
        try:
            return list(self._pool.map(self._exchange, requests))
        except (CancelledError, RuntimeError) as error:
            if self._closed:
                raise SandboxError("the sandbox was closed while requests were under way") from error
            raise

    def _exchange(self, request: Request) -> Reply:
        raw = self._attempt(request, self._shared())
        if raw is None or _broken(raw):
            # Somebody took the runner (or the zygote) down. Whoever does it alone, in a runner of its own, is
            # the culprit; bystanders get their result there.
            raw = self._alone(request)
            if raw is None or raw.header["status"] == "died":
                reply = Reply(failure=Failure(Status.HOSTILE, "took the sandbox down twice"))
                self._count(request, reply)
                return reply
        reply = self._read(raw, len(request.items))
        self._count(request, reply)
        return reply

    def _shared(self) -> Runner:
        with self._lock:
            if self._runner is None:
                raise SandboxError("the sandbox is closed")
            if self._runner.dead:
                self._runner.close()
                self.counters.restarts += 1
                self._runner = self._launch()
            return self._runner

    def _launch(self) -> Runner:
        ways = launches(self.level, self._python, self._folder, self._library)
        if self._launch_index >= len(ways):
            raise SandboxError("bubblewrap (bwrap) has gone while the sandbox was running")
        try:
            runner = self._run(ways[self._launch_index], self.level)
        except OSError as error:
            raise SandboxError(f"the sandbox did not start again: {error}") from error
        runner.greet()
        return runner

    def _run(self, launch: Launch, level: Level) -> Runner:
        return self._launcher.submit(Runner, launch, level, self.workers).result()

    def _alone(self, request: Request) -> RawReply | None:
        runner = self._launch()
        try:
            return self._attempt(request, runner)
        finally:
            runner.close()

    def _attempt(self, request: Request, runner: Runner) -> RawReply | None:
        """The runner's reply, or None when it died or hung (then it is ended)."""
        header = self._header(request)
        future = runner.send(header, self._body(request))
        try:
            # Up to 2 x workers requests are under way, so this one may wait for one other to end first.
            return future.result(2 * header["wall"] + MAX_BATCH_WALL_SECONDS + GRACE_SECONDS)
        except RunnerDied:
            return None
        except TimeoutError:
            runner.close()
            return None

    def _header(self, request: Request) -> dict[str, Any]:
        calls = max(1, len(request.items))
        wall = min(request.cpu * calls * self.config.wall_factor, MAX_BATCH_WALL_SECONDS)
        return {
            "flavour": request.flavour.value,
            "hash_seed": request.hash_seed,
            "wall": wall,
            "max_output": min((calls + 2) * MAX_FRAME_BYTES, MAX_OUTPUT_BYTES),
        }

    def _body(self, request: Request) -> bytes:
        return json.dumps(
            {
                "op": request.op,
                "source": request.source,
                "items": list(request.items),
                "states": list(request.states),
                "memory": MEMORY_BYTES,
                "cpu": request.cpu,
                "wall": request.cpu * self.config.wall_factor,
                "total_cpu": request.cpu * max(1, len(request.items)) + 1.0,
                "salt": request.salt,
                "strict": request.strict,
                "precise": request.precise,
            }
        ).encode()

    def _read(self, raw: RawReply, calls: int) -> Reply:
        """Turn a raw reply into a checked one; see docs/sandbox.md on what is believed and what is not."""
        header = raw.header
        figures = {"cpu": header["cpu"], "wall": header["wall"], "rss_mib": header["rss"]}
        frames, tail = _frames(raw.body, calls + 3)
        if not frames:
            if header["cut"] is None:
                raise SandboxError(
                    f"a sandbox process failed before it was confined ({_ending(header['exit'])})"
                )
            return Reply(failure=_death(header, 0), **figures)
        if frames[0] != b'{"ready":true}':
            raise SandboxError(
                f"a sandbox process could not confine itself: {frames[0].decode('utf-8', 'replace')}"
            )
        done = len(frames) - 2
        if header["cut"] is not None or header["exit"] != 0 or header["rss"] * 2**20 > MEMORY_BYTES:
            return Reply(
                failure=_death(header, max(0, done)), reached=max(0, done), loaded=done >= 0, **figures
            )
        results: list[Any] = []
        try:
            loaded = _strict(frames[1]) if len(frames) > 1 else None
            if not isinstance(loaded, dict) or type(loaded.get("loaded")) is not bool:
                raise ValueError("it ended without saying whether the program loaded")
            if not loaded["loaded"]:
                if len(frames) > 2 or tail:
                    raise ValueError("frames after a failed load")
                return Reply(failure=_raised(loaded), loaded=False, **figures)
            for frame in frames[2:]:
                results.append(_result(frame))
            if tail:
                raise ValueError("bytes after the last frame")
            if done != calls:
                raise ValueError(f"{done} results for {calls} calls")
        except (ValueError, RecursionError) as error:
            forged = Failure(Status.FORGED, str(error)[:300])
            return Reply(failure=forged, reached=len(results), loaded=len(frames) > 1, **figures)
        return Reply(results=tuple(results), reached=done, **figures)

    def _count(self, request: Request, reply: Reply) -> None:
        with self._lock:
            self.counters.requests += 1
            self.counters.calls += len(request.items)
            self.counters.cpu_seconds += reply.cpu
            self.counters.busy_seconds += reply.wall
            if reply.failure is not None:
                name = reply.failure.status.value
                self.counters.failures[name] = self.counters.failures.get(name, 0) + 1


PROBES_CHILD = (
    "read a file", "read /proc", "TCP socket", "UDP socket", "unix socket", "netlink socket", "fork",
    "execute a program", "signal another process", "trace a process", "user namespace", "io_uring",
    "writable code", "memory file", "raise own limits",
)  # fmt: skip
PROBES_BOX = ("host files", "host network", "host processes")


def _networkx_folder() -> Path | None:
    import importlib.util

    spec = importlib.util.find_spec("networkx")
    return Path(spec.origin).parent.parent if spec is not None and spec.origin else None


def _frames(body: bytes, most: int) -> tuple[list[bytes], bytes]:
    """The complete frames in `body`, at most `most`, and what is left after the last one."""
    frames: list[bytes] = []
    position = 0
    while position + 4 <= len(body) and len(frames) < most:
        size = struct.unpack_from(">I", body, position)[0]
        if position + 4 + size > len(body):
            break
        frames.append(body[position + 4 : position + 4 + size])
        position += 4 + size
    return frames, body[position:]


def _broken(raw: RawReply) -> bool:
    """Whether the process never got as far as the program: nothing that the program could have done."""
    return raw.header["status"] == "died" or (not raw.body and raw.header["cut"] is None)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text[:40]} is no finite number")
    return value


def _strict(frame: bytes) -> Any:
    """Decode one frame: UTF-8, no NaN or infinity, bounded size and depth, no lone surrogates."""
    if len(frame) > MAX_FRAME_BYTES:
        raise ValueError("a result larger than 256 KiB")
    value = json.loads(frame.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_finite)
    if frame.count(b"[") + frame.count(b"{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    if b"\\u" in frame:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def _depth(value: Any) -> int:
    deepest, stack = 0, [(value, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        if isinstance(node, dict):
            stack += [(child, depth + 1) for child in node.values()]
        elif isinstance(node, list):
            stack += [(child, depth + 1) for child in node]
    return deepest


def _result(frame: bytes) -> Any:
    value = _strict(frame)
    if isinstance(value, dict) and set(value) == {"v"}:
        return value["v"]
    if isinstance(value, dict) and set(value) == {"e", "m", "l", "f"}:
        return _raised(value)
    raise ValueError("a frame that is neither a value nor an error")


def _raised(value: dict[str, Any]) -> Failure:
    name, message, line, function = (value.get(key) for key in ("e", "m", "l", "f"))
    if not (isinstance(name, str) and isinstance(message, str) and isinstance(function, str)):
        raise ValueError("an error frame of the wrong form")
    if type(line) is not int or not 0 <= line < 1 << 31:
        raise ValueError("an error frame without a line number")
    status = Status.MEMORY if name == "MemoryError" else Status.RAISED
    text = message if name == "ContractError" else f"{name}: {message}" if message else name
    return Failure(status, text[:500], line, function[:80], name[:80])


_SIGNALS: dict[int, tuple[Status, str]] = {
    signal.SIGSYS: (Status.FORBIDDEN, "made a system call that the sandbox does not allow"),
    signal.SIGXCPU: (Status.CPU, "used up its CPU time"),
    signal.SIGPROF: (Status.CPU, "used up its CPU time"),
    signal.SIGALRM: (Status.WALL, "used up its wall-clock time"),
}


def _ending(status: int) -> str:
    """A wait status in words."""
    if not os.WIFSIGNALED(status):
        return f"ended with exit status {os.WEXITSTATUS(status)}"
    number = os.WTERMSIG(status)
    name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    return f"ended by {name}"


def _death(header: dict[str, Any], done: int) -> Failure:
    """Name the end of a process that did not finish cleanly."""
    if header["cut"] == "wall":
        return Failure(Status.WALL, "used up its wall-clock time")
    if header["cut"] == "output":
        return Failure(Status.OUTPUT, "wrote more than its results may hold")
    status = header["exit"]
    if os.WIFSIGNALED(status):
        known, message = _SIGNALS.get(os.WTERMSIG(status), (Status.CRASHED, _ending(status)))
        return Failure(known, message)
    if status != 0:
        return Failure(Status.CRASHED, _ending(status))
    return Failure(Status.MEMORY, f"used {header['rss']:.0f} MiB, more than {MEMORY_BYTES >> 20}")
