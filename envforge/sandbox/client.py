"""The sandbox as the rest of envforge sees it: requests in, replies out, every failure with a name."""

from __future__ import annotations

import json
import os
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
from envforge.sandbox.reply import MAX_FRAME_BYTES, Failure, Reply, Status, broken, read_reply
from envforge.sandbox.runner import RawReply, Runner, RunnerDied

MAX_OUTPUT_BYTES = 64 * 1024 * 1024
MAX_BATCH_WALL_SECONDS = 120.0
GRACE_SECONDS = 10.0  # beyond a request's wall limit, before the runner itself counts as stuck


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
                reply = read_reply(future.result(60.0), 1)
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
        if raw is None or broken(raw):
            # Somebody took the runner (or the zygote) down. Whoever does it alone, in a runner of its own, is
            # the culprit; bystanders get their result there.
            raw = self._alone(request)
            if raw is None or raw.header["status"] == "died":
                reply = Reply(failure=Failure(Status.HOSTILE, "took the sandbox down twice"))
                self._count(request, reply)
                return reply
        reply = read_reply(raw, len(request.items))
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
