"""Where a call can be made: in this process, in a process per call, in the sandbox at each level."""

from __future__ import annotations

import json
import random
import resource
import subprocess
from collections.abc import Callable
from typing import Any, Protocol

from envforge.bench import processes
from envforge.bench.program import PROGRAM, SCRIPT, functions
from envforge.bench.workload import Workload
from envforge.config import SandboxConfig
from envforge.contract import Program
from envforge.errors import IsolationError, SandboxError
from envforge.sandbox import Evaluator, Level, Sandbox
from envforge.sandbox.box import bubblewrap, interpreter
from envforge.sandbox.calls import require
from envforge.sandbox.channel import ProcessChannel
from envforge.sandbox.container import OWNER_LABEL, Container, Engine
from envforge.sandbox.image import LABEL, PYTHON
from envforge.sandbox.owner import owner

BATCHES = {
    "single": 1,
    "batch of 10": 10,
    "batch of 100": 100,
}  # manner of calling: calls that share a process
IN_PROCESS, PER_CALL = "in process", "process per call"

Manners = tuple[tuple[str, int], ...]


class Place(Protocol):
    """Somewhere to make calls."""

    @property
    def name(self) -> str: ...

    @property
    def manners(self) -> Manners:
        """The ways to call there, each with the number of calls that it makes at least."""

    def call(self, kind: str, manner: str, count: int) -> None:
        """Make `count` calls."""

    def cpu_seconds(self) -> float | None:
        """CPU time so far of all that works for this place outside of this process; None when it is not seen."""

    def close(self) -> None: ...


class InProcess:
    """No isolation: the functions are called here. With the JSON that keeps one call's state from the next."""

    name = IN_PROCESS
    manners: Manners = ((IN_PROCESS, 1),)

    def __init__(self, work: Workload) -> None:
        self._work, self._functions = work, functions()

    def call(self, kind: str, manner: str, count: int) -> None:
        generate, prompt, reference, score = (
            self._functions[name] for name in ("generate", "prompt", "reference", "score")
        )
        if kind == "generate":
            for seed, difficulty in self._work.keys[:count]:
                state = json.loads(json.dumps(generate(random.Random(seed), difficulty)))
                prompt(state)
                reference(state)
        else:
            for call in self._work.scores[:count]:
                score(json.loads(call.state), call.answer)

    def cpu_seconds(self) -> float:
        return 0.0

    def close(self) -> None: ...


class ProcessPerCall:
    """A new interpreter for every call, behind `prefix`."""

    manners: Manners = ((PER_CALL, 1),)

    def __init__(self, name: str, prefix: list[str], work: Workload) -> None:
        self.name = name
        self._command = [*prefix, interpreter(), "-s", "-S", "-P", "-B", "-c", SCRIPT]
        self._work = work

    def call(self, kind: str, manner: str, count: int) -> None:
        for number in range(count):
            words = _arguments(kind, number, self._work)
            subprocess.run([*self._command, *words], check=True, stdout=subprocess.DEVNULL)

    def cpu_seconds(self) -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def close(self) -> None: ...


class ContainerPerCall:
    """A new container for every call, in the image of the sandbox and with no network."""

    name = "docker run per call"
    manners: Manners = ((PER_CALL, 1),)

    def __init__(self, sandbox: Sandbox, work: Workload) -> None:
        self._engine, self._work = Engine(), work
        self._image = self._engine.image(sandbox.machine)
        # Those of the sandbox's own containers: what is left behind is swept away with them.
        self._labels = {LABEL: "container", OWNER_LABEL: owner().label}

    def call(self, kind: str, manner: str, count: int) -> None:
        for number in range(count):
            command = [PYTHON, "-s", "-S", "-P", "-B", "-c", SCRIPT, *_arguments(kind, number, self._work)]
            self._engine.client.containers.run(
                self._image, command, remove=True, network_mode="none", labels=self._labels
            )

    def cpu_seconds(self) -> None:
        return None

    def close(self) -> None:
        self._engine.close()


class Sandboxed:
    """The sandbox at one level. Raises SandboxError when it is not to be had."""

    manners: Manners = tuple(BATCHES.items())

    def __init__(self, level: Level, workers: int, work: Workload) -> None:
        self.level, self._work = level, work
        self.sandbox = Sandbox(SandboxConfig(isolation=level.value, use=str(level.value), workers=workers))
        try:
            self.sandbox.start()
            self.evaluator = Evaluator(self.sandbox)
            self._program = self.program(PROGRAM)
            self._outside = _watch(self.sandbox)
        except BaseException as error:
            self.sandbox.close()
            if isinstance(error, IsolationError):
                raise SandboxError(self.sandbox.reports[-1].reason) from error
            raise

    @property
    def name(self) -> str:
        return f"level {self.level.value}, {self.level.slug}"

    def program(self, source: str) -> Program:
        """The program in `source`, which must pass the static policy."""
        found = self.evaluator.inspect(source)
        if not isinstance(found, Program):
            raise SandboxError(f"the benchmark's own program is refused: {found}")
        return found

    def call(self, kind: str, manner: str, count: int) -> None:
        batch = BATCHES[manner]
        if kind == "generate":
            keys = self._work.keys[:count]
            values: Any = self.evaluator.instances(self._program, keys, fresh=batch == 1, batch=batch)
        else:
            calls = self._work.scores[:count]
            values = self.evaluator.scores(self._program, calls, fresh=batch == 1, batch=batch)
        for value in values:
            require(value)

    def cpu_seconds(self) -> float | None:
        return self._outside()

    def close(self) -> None:
        self.sandbox.close()


def baselines(work: Workload) -> tuple[list[Place], dict[str, str]]:
    """The places without our runner: those that can be had, and why the others cannot."""
    sandbox = Sandbox()  # not started: it only knows what runners are made of here
    makers: dict[str, Callable[[], Place]] = {
        "python per call": lambda: ProcessPerCall("python per call", [], work),
        "bubblewrap per call": lambda: ProcessPerCall("bubblewrap per call", _box(sandbox), work),
        "docker run per call": lambda: ContainerPerCall(sandbox, work),
    }
    had: list[Place] = [InProcess(work)]
    missing = {}
    for name, make in makers.items():
        try:
            place = make()
            place.call("generate", PER_CALL, 1)
            had.append(place)
        except (OSError, SandboxError, subprocess.CalledProcessError) as error:
            missing[name] = str(error)
    sandbox.close()
    return had, missing


def _box(sandbox: Sandbox) -> list[str]:
    """The box of level 2. As its first process the interpreter is waited for, and its CPU time seen."""
    bwrap, *words = bubblewrap(sandbox.machine)[0][0]
    return [bwrap, "--as-pid-1", *words]


def levels(chosen: list[Level], workers: int, work: Workload) -> tuple[list[Sandboxed], dict[str, str]]:
    """The sandbox at the chosen levels: those that can be had, and why the others cannot."""
    had, missing = [], {}
    for level in chosen:
        try:
            had.append(Sandboxed(level, workers, work))
        except SandboxError as error:
            missing[f"level {level.value}, {level.slug}"] = str(error)
    return had, missing


def _arguments(kind: str, number: int, work: Workload) -> list[str]:
    if kind == "generate":
        return [kind, *map(str, work.keys[number])]
    return [kind, work.scores[number].state, work.scores[number].answer]


def _watch(sandbox: Sandbox) -> Callable[[], float | None]:
    """How to tell the CPU time of a sandbox's runner and its children, so far."""
    channel = sandbox.channel
    if isinstance(channel, ProcessChannel):
        root = channel.pid
        return lambda: processes.cpu_seconds(processes.tree(root)) + sandbox.counters.cpu_seconds
    if isinstance(channel, Container):
        return lambda: container_figures(channel.id)[0]
    return lambda: None


def container_figures(identity: str) -> tuple[float | None, int | None]:
    """CPU seconds and bytes of memory of a whole container, by its control group; None for what the engine omits."""
    engine = Engine()
    try:
        figures = engine.client.api.stats(identity, stream=False, one_shot=True)
    finally:
        engine.close()
    nanoseconds = figures.get("cpu_stats", {}).get("cpu_usage", {}).get("total_usage")
    return nanoseconds / 1e9 if nanoseconds else None, figures.get("memory_stats", {}).get("usage")
