"""The sandbox as the rest of envforge sees it: requests in, replies out, every failure with a name."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from envforge.config import SandboxConfig
from envforge.errors import IsolationError, SandboxError
from envforge.locations import data_folder
from envforge.sandbox.box import Gym, Launch, Machine, interpreter
from envforge.sandbox.channel import Channel
from envforge.sandbox.ladder import Launcher, climb, survey
from envforge.sandbox.levels import Level, LevelReport
from envforge.sandbox.recovery import blame
from envforge.sandbox.reply import Failure, Reply, broken, read_reply
from envforge.sandbox.request import MAX_BATCH_WALL_SECONDS, Request
from envforge.sandbox.runner import RawReply, Runner, RunnerDied

GRACE_SECONDS = 10.0  # beyond a request's wall limit, before the runner itself counts as stuck


@dataclass(slots=True)
class Counters:
    """What the sandbox has done so far."""

    requests: int = 0
    calls: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    restarts: int = 0  # of the shared runner
    retries: int = 0  # requests repeated alone because somebody took the runner or their process down
    cpu_seconds: float = 0.0
    busy_seconds: float = 0.0


class Sandbox:
    """Runs environment programs, each request in a process of its own. Thread-safe; a context manager.

    Raises IsolationError when the machine cannot give the level asked for, and SandboxError when the sandbox
    itself fails. With `gym` its runner also holds other people's packages, for adapters.
    `notice` is told, in a sentence, before something that takes long. `during` makes a context that is
    entered for as long as a request is under way, for whoever measures that.
    """

    def __init__(
        self,
        config: SandboxConfig | None = None,
        *,
        python: str | None = None,
        runner: Path | None = None,
        gym: Gym | None = None,
        notice: Callable[[str], None] = lambda message: None,
        during: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self.config = config or SandboxConfig()
        self.workers = self.config.workers or os.cpu_count() or 1
        self.counters = Counters()
        self.reports: tuple[LevelReport, ...] = ()
        self._python = python or interpreter()
        self._folder = runner or data_folder("sandbox")
        self._library = _networkx_folder()
        self._gym = gym
        self._notice = notice
        self._during = during
        self._lock = threading.Lock()  # held while a runner starts
        self._counting = threading.Lock()
        self._runner: Runner | None = None
        self._level: Level | None = None
        self._launch: Launch | None = None
        self._closed = False
        self._launcher = Launcher()
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
            raise SandboxError("the sandbox was not started")
        return self._level

    @property
    def channel(self) -> Channel:
        """What the shared runner runs in just now, for whoever measures it. Only after `start`."""
        return self._shared().channel

    @property
    def machine(self) -> Machine:
        """What runners are made of."""
        return Machine(
            self._python,
            self._folder,
            self._library,
            self.workers,
            self.config.image,
            self._notice,
            self._gym,
        )

    def start(self) -> None:
        """Find the level to use, by attacking ourselves, and start the runner. Does nothing when started."""
        with self._lock:
            if self._closed:
                raise SandboxError("the sandbox is closed")
            if self._runner is not None:
                return
            reports = []
            for level in self._candidates():
                found = climb(level, self.machine, self._launcher)
                report = found if isinstance(found, LevelReport) else found[0]
                reports.append(report)
                self.reports = tuple(reports)
                if not isinstance(found, LevelReport):
                    self._level, (_, self._runner, self._launch) = level, found
                    return
            reasons: dict[str, list[str]] = {}  # levels often fail for the same one
            for report in reports:
                reasons.setdefault(report.reason, []).append(str(report.level.value))
            tried = "; ".join(
                f"level{'s' * (len(levels) > 1)} {' and '.join(levels)}: {why}"
                for why, levels in reasons.items()
            )
            wanted = reports[0].level if self.config.use != "best" else Level(self.config.isolation)
            raise IsolationError(
                f"this machine does not give isolation level {wanted.value}, {wanted.slug} ({tried}); "
                f"{_remedy(wanted)}, or accept a lower level with --isolation"
            )

    def _candidates(self) -> list[Level]:
        """The levels to try, in this order. A container costs a daemon: only who asks for it gets it."""
        lowest = Level(self.config.isolation)
        if self.config.use != "best":
            exact = Level(int(self.config.use))
            if exact < lowest:
                raise IsolationError(
                    f"level {exact.value} was asked for, but levels below {lowest.value} are refused; "
                    f"set the lowest acceptable level to {exact.value} to force it"
                )
            return [exact]
        if lowest.container:
            return [level for level in Level if level >= lowest]
        return [level for level in sorted(Level, reverse=True) if level >= lowest and not level.container]

    def survey(self) -> tuple[LevelReport, ...]:
        """Attack ourselves with everything at every level, strongest first, whatever level is in force."""
        return tuple(survey(level, self.machine, self._launcher) for level in sorted(Level, reverse=True))

    def close(self) -> None:
        """End the runner and all that is in it."""
        with self._lock:
            self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            if self._runner is not None:
                self._runner.close()
                self._runner = None
        self._launcher.close()

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
        with self._during():
            return self._settled(request)

    def _settled(self, request: Request) -> Reply:
        raw = self._attempt(request, self._shared())
        if broken(raw, request.total_cpu):
            # Somebody took the runner, the zygote or the process down: the program, or whoever else could.
            with self._counting:
                self.counters.retries += 1
            settled = blame(request, self._alone)
            if isinstance(settled, Failure):
                reply = Reply(failure=settled)
                self._count(request, reply)
                return reply
            raw = settled
        reply = read_reply(raw, len(request.items), request.max_frame, request.memory)
        self._count(request, reply)
        return reply

    def _shared(self) -> Runner:
        with self._lock:
            if self._runner is None:
                raise SandboxError("the sandbox is closed")
            if self._runner.dead:
                self._runner.close()
                self.counters.restarts += 1
                self._runner = self._restart()
            return self._runner

    def _restart(self) -> Runner:
        assert self._launch is not None
        problem = ""
        for pause in RESTART_PAUSES:
            time.sleep(pause)
            try:
                runner = self._launcher.start(self._launch, self.level, self.workers)
                runner.greet()
                return runner
            except (OSError, SandboxError) as error:
                problem = str(error)
        raise SandboxError(f"the sandbox did not start again: {problem}")

    def _alone(self, request: Request) -> RawReply | None:
        """The reply of a runner of its own; None when that did not live to see the request."""
        runner = self._restart()
        try:
            return None if runner.dead else self._attempt(request, runner)
        finally:
            runner.close()

    def _attempt(self, request: Request, runner: Runner) -> RawReply:
        """The runner's reply, or that it `died` under the request, or hung (then it is ended)."""
        began = time.monotonic()
        header = request.header(self.config.wall_factor)
        future = runner.send(header, request.body(self.config.wall_factor))
        try:
            # Up to 2 x workers requests are under way, so this one may wait for one other to end first.
            return runner.wait(future, 2 * header["wall"] + MAX_BATCH_WALL_SECONDS + GRACE_SECONDS)
        except RunnerDied as death:
            began += death.silence
        except TimeoutError:
            runner.close()
        return RawReply({"status": "died", "wall": time.monotonic() - began}, b"")

    def _count(self, request: Request, reply: Reply) -> None:
        with self._counting:
            self.counters.requests += 1
            self.counters.calls += len(request.items)
            self.counters.cpu_seconds += reply.cpu
            self.counters.busy_seconds += reply.wall
            if reply.failure is not None:
                name = reply.failure.status.value
                self.counters.failures[name] = self.counters.failures.get(name, 0) + 1


# Seconds before each attempt: what strikes at random may hit several in a row, and an engine takes some to restart.
RESTART_PAUSES = (0.0, 0.1, 0.1, 0.1, 0.3, 0.3, 1.0, 1.0, 3.0, 9.0, 20.0, 30.0)


def _remedy(level: Level) -> str:
    return {
        Level.CGROUPS: "let this user make control groups (docs/sandbox.md)",
        Level.DOCKER: "start a Docker engine that this user may use, and install envforge[docker]",
        Level.GVISOR: "register gVisor's runsc with the Docker engine",
    }.get(level, "install bubblewrap and allow unprivileged user namespaces")


def _networkx_folder() -> Path | None:
    import importlib.util

    spec = importlib.util.find_spec("networkx")
    return Path(spec.origin).parent.parent if spec is not None and spec.origin else None
