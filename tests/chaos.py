"""Kills parts of a sandbox at random while clients validate and score in it, and checks every single result.

    python tests/chaos.py                            five minutes at the best level of this machine
    python tests/chaos.py --isolation docker         at this level, by number or name
    python tests/chaos.py --minutes 1 --mean 0.3     shorter, and a strike every 0.3 s on average
    python tests/chaos.py --hosts 2                  two host processes with a sandbox and clients each
    python tests/chaos.py --seed 7 --json            other random choices; everything that was found, for programs

Half of the clients examine programs whose verdicts are known, the other half generate and score instances whose
contents and scores are known: from one undisturbed round of the same work. A killer strikes children, zygotes, the
supervisor, bubblewrap and containers, each in a way that it cannot survive or cannot notice; only what this
process has started. Programs do nothing wrong here, so whatever is held against one is a finding, as is a wrong
result, a request without an end, an error of the sandbox and anything that is left behind. The exit status is 1
when there is one.

A child is never stopped and gets no signal but SIGKILL: that it used up its wall-clock time, or crashed, would then
be what really happened to it.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import campaign

from envforge.config import ISOLATION_NAMES, SandboxConfig
from envforge.contract import Program, derive_seed
from envforge.errors import SandboxError
from envforge.locations import data_folder
from envforge.sandbox import (
    Evaluator,
    Failure,
    Level,
    Reply,
    Request,
    Sandbox,
    ScoreCall,
    Status,
    cgroups,
    runner,
)
from envforge.sandbox.calls import state_text
from envforge.sandbox.owner import owner
from envforge.validation import Validator
from envforge.verdict import Stage

PROGRAMS = Path(__file__).parent / "programs"
CORRECT = (
    *sorted((data_folder("seeds") / "text").glob("*.py")),
    PROGRAMS / "correct" / "networkx_spanning_tree.py",
)
DEFECTIVE = tuple(
    PROGRAMS / "defective" / f"{name}.py"
    for name in (
        "L1_exec_under_another_name",
        "L2_endless_loop_at_level_seven",
        "L2_memory_explodes_at_level_eight",
        "L2_raises_for_one_seed_in_ten",
        "L3_order_of_a_set_of_objects",
        "L3_set_order_for_one_seed_in_ten",
        "L4_hint_states_the_answer",
        "L4_partial_credit_for_a_constant",
        "L5_accepts_any_prefix",
        "L5_raises_on_infinity",
    )
)
WRONG_ANSWER = "this is certainly not the answer"
REQUEST_SECONDS = 300.0  # far above what any request may take
MOST_SHOWN = 20


# The work


@dataclass(frozen=True)
class Task:
    """Some work whose result is always the same: `right`, None while nobody knows it yet."""

    name: str
    run: Callable[[Sandbox], Any]
    right: Any = None


def examination(path: Path) -> Task:
    """All gates on one program."""
    source = path.read_text("utf-8")

    def run(sandbox: Sandbox) -> Any:
        verdicts = Validator(sandbox).examine(source).verdicts
        return [(str(verdict.stage), verdict.passed, verdict.reason) for verdict in verdicts]

    return Task(f"examine {path.stem}", run)


def generation(program: Program) -> Task:
    """Instances of easy to hard levels."""
    keys = [(seed, level) for seed in range(8) for level in (0, 3, 6, 9)]

    def run(sandbox: Sandbox) -> Any:
        instances = Evaluator(sandbox).instances(program, keys)
        return [str(i) if isinstance(i, Failure) else (i.state, i.prompt, i.reference) for i in instances]

    return Task(f"generate {program.title}", run)


def scoring(program: Program, calls: Sequence[ScoreCall], fresh: bool) -> Task:
    """A right and a wrong answer to every instance, in a batch or each in a process of its own."""

    def run(sandbox: Sandbox) -> Any:
        return [
            str(score) if isinstance(score, Failure) else score
            for score in Evaluator(sandbox).scores(program, calls, fresh=fresh)
        ]

    return Task(f"score {program.title}{' in fresh processes' if fresh else ''}", run)


def prepare(sandbox: Watched) -> tuple[list[Task], list[Task]]:
    """What validating and scoring clients do, with the right results: from one undisturbed round.

    Raises AssertionError when these are not the ones that the programs are known for.
    """
    evaluator = Evaluator(sandbox)

    def known(path: Path) -> tuple[list[Task], list[Task]]:
        task = examination(path)
        right = task.run(sandbox)
        stage, passed, reason = right[-1]
        expected = path.stem[:2] if path in DEFECTIVE else None
        assert passed == (expected is None) and (passed or stage <= Stage(expected)), f"{path.stem}: {reason}"
        validating = [Task(task.name, task.run, right)]
        if expected:
            return validating, []
        program = evaluator.inspect(path.read_text("utf-8"))
        assert isinstance(program, Program), path.stem
        instances = evaluator.instances(program, [(seed, level) for seed in (1, 2) for level in (0, 4, 7, 9)])
        calls = []
        for instance in instances:
            assert not isinstance(instance, Failure), f"{path.stem}: {instance}"
            calls += [ScoreCall(state_text(instance.state), a) for a in (instance.reference, WRONG_ANSWER)]
        scores = [1.0, 0.0] * len(instances)
        scored = []
        for task in (generation(program), scoring(program, calls, False), scoring(program, calls, True)):
            right = task.run(sandbox)
            assert task.name.startswith("generate") or right == scores, f"{task.name}: {right}"
            scored.append(Task(task.name, task.run, right))
        return validating, scored

    with ThreadPoolExecutor(sandbox.workers) as pool:
        found = list(pool.map(known, (*CORRECT, *DEFECTIVE)))
    assert not sandbox.blamed, f"held against correct programs without any disturbance: {sandbox.blamed}"
    return [task for tasks, _ in found for task in tasks], [task for _, tasks in found for task in tasks]


class Watched(Sandbox):
    """A sandbox that notes how long requests take and what is held against programs.

    `innocents` are the sources of correct programs, against which nothing may ever be held.
    """

    def __init__(self, config: SandboxConfig) -> None:
        super().__init__(config)
        self.innocents = {path.read_text("utf-8") for path in CORRECT}
        self.blamed: list[str] = []
        self.failures: Counter[str] = Counter()
        self.longest = 0.0
        self.under_way: dict[int, float] = {}  # since when, by thread
        self._noting = threading.Lock()

    def _exchange(self, request: Request) -> Reply:
        began = self.under_way[threading.get_ident()] = time.monotonic()
        try:
            reply = super()._exchange(request)
        finally:
            with self._noting:
                del self.under_way[threading.get_ident()]
                self.longest = max(self.longest, time.monotonic() - began)
        failures = [value for value in (reply.failure, *reply.results) if isinstance(value, Failure)]
        with self._noting:
            self.failures.update(failure.status.value for failure in failures)
            # "derive" is also asked about changed states, which a program need not stand.
            ours = [f for f in failures if request.op != "derive" or f.status is not Status.RAISED]
            if ours and request.source in self.innocents:
                self.blamed.append(f"{request.op}, {len(request.items)} calls: {ours[0]}")
        return reply


class Client(threading.Thread):
    """Does its tasks again and again, in an order of its own, until told to stop."""

    def __init__(
        self, sandbox: Sandbox, tasks: Sequence[Task], rng: random.Random, stopping: threading.Event
    ) -> None:
        super().__init__(name="chaos-client", daemon=True)
        self.done: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.errors: list[str] = []
        self._sandbox, self._tasks, self._rng, self._stopping = sandbox, tasks, rng, stopping

    def run(self) -> None:
        while True:
            for task in self._rng.sample(self._tasks, len(self._tasks)):
                if self._stopping.is_set():
                    return
                try:
                    result = task.run(self._sandbox)
                except SandboxError as error:
                    self.errors.append(f"{task.name}: {error}")
                    continue
                except Exception as error:
                    self.wrong.append(f"{task.name}: {type(error).__name__}: {error}")
                    continue
                self.done[task.name.partition(" ")[0]] += 1
                if result != task.right:
                    self.wrong.append(f"{task.name}: {difference(result, task.right)}")


def difference(result: Sequence[Any], right: Sequence[Any]) -> str:
    """The first place where two results differ."""
    for index, (found, expected) in enumerate(zip(result, right)):
        if found != expected:
            return f"entry {index} is {str(found)[:200]!r}, not {str(expected)[:200]!r}"
    return f"{len(result)} entries, not {len(right)}"


# The killer

KILL, TERM, SEGV, STOP = signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGSTOP
WEAPONS: dict[str, tuple[Any, ...]] = {  # each as likely as it is often here
    "child": (KILL,),
    "zygote": (KILL, KILL, KILL, STOP, STOP, TERM, SEGV),
    "supervisor": (KILL, KILL, KILL, STOP, STOP, TERM, SEGV),
    "bubblewrap": (KILL, KILL, KILL, STOP, TERM),
    "container": ("docker kill", "docker rm -f", "docker pause"),
}


class Killer(threading.Thread):
    """Strikes a random part of this process's sandboxes after random times, until told to stop."""

    def __init__(self, level: Level, mean_seconds: float, rng: random.Random) -> None:
        super().__init__(name="chaos-killer", daemon=True)
        self.strikes: Counter[tuple[str, str]] = Counter()
        self.stopping = threading.Event()
        self.failed = True  # until it has come to its end
        self._mean, self._rng = mean_seconds, rng
        self._engine: Any = None
        if level.container:
            from envforge.sandbox.container import Engine

            self._engine = Engine()

    def run(self) -> None:
        while not self.stopping.wait(self._rng.expovariate(1.0 / self._mean)):
            self.strike()
        self.failed = False
        if self._engine is not None:
            self._engine.close()

    def strike(self) -> None:
        """Choose among the kinds that are there, then a victim, then a weapon."""
        victims: dict[str, list[Callable[[Any], bool]]] = {}
        for kind, attack in self._victims():
            victims.setdefault(kind, []).append(attack)
        if victims:
            kind = self._rng.choice(sorted(victims))
            weapon = self._rng.choice(WEAPONS[kind])
            if self._rng.choice(victims[kind])(weapon):
                self.strikes[kind, getattr(weapon, "name", weapon)] += 1

    def _victims(self) -> Iterator[tuple[str, Callable[[Any], bool]]]:
        """(kind, how to attack it) of everything that this process has started."""
        here = os.getpid()
        for pid, kind in parts(here):
            yield kind, partial(shoot, pid, lambda pid: pid in campaign.descendants(here))
        for container in self._containers():
            yield "container", partial(ruin, container)
            first = container.attrs["State"]["Pid"]
            for pid, kind in parts(first) if first else ():
                yield kind, partial(shoot, pid, partial(inside, container.id))

    def _containers(self) -> list[Any]:
        if self._engine is None:
            return []
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        from envforge.sandbox.container import OWNER_LABEL

        found = []
        with contextlib.suppress(
            DockerException, RequestException
        ):  # one has just gone, or the engine is busy
            for container in self._engine.containers():
                if container.labels.get(OWNER_LABEL) == owner().label:
                    container.reload()
                    found.append(container)
        return found


def parts(root: int) -> Iterator[tuple[int, str]]:
    """The processes of sandboxes at or below `root`, and what each is."""
    below = campaign.descendants(root)
    for pid, line in {root: f"? {_command(root)}", **below}.items():
        command = line[2:]
        zombie = line.startswith(("Z", "X"))
        if zombie or (pid == root and root == os.getpid()):
            continue
        if os.path.basename(command.split(" ")[0]) == "bwrap":
            yield pid, "bubblewrap"
        elif "import zygote; zygote.main()" in command:
            yield pid, "child" if "zygote.main()" in _command(_parent(pid)) else "zygote"
        elif "import supervisor; supervisor.main()" in command and "/bin/sh" not in command:
            yield pid, "supervisor"


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    return ""


def _parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def inside(container: str, pid: int) -> bool:
    """Whether a process of this machine is in a container, as the kernel says."""
    with contextlib.suppress(OSError):
        return container in Path(f"/proc/{pid}/cgroup").read_text()
    return False


def shoot(pid: int, ours: Callable[[int], bool], number: signal.Signals) -> bool:
    """Send a signal, unless the process has ended; never to another one that has got its number."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if not ours(pid):  # asked while the number is held fast
            return False
        signal.pidfd_send_signal(process, number)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(process)


def ruin(container: Any, weapon: str) -> bool:
    """Have the engine end or freeze a container, as an operator might."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        if weapon == "docker kill":
            container.kill()
        elif weapon == "docker pause":
            container.pause()
        else:
            container.remove(force=True)
        return True
    except (DockerException, RequestException):  # it has ended meanwhile
        return False


# The run


@contextlib.contextmanager
def impatience(seconds: float) -> Iterator[None]:
    """Have silent runners given up after `seconds`: with the real time a run would see too few of them."""
    with (
        mock.patch.object(runner, "PULSE_SECONDS", seconds / 4),
        mock.patch.object(runner, "SILENCE_SECONDS", seconds),
        mock.patch.object(runner, "START_SECONDS", 2 * seconds),
    ):
        yield


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Prepare, be quiet, strike, be quiet again, end; everything that was found."""
    campaign.adopt_orphans()
    descriptors, threads = set(os.listdir("/proc/self/fd")), set(threading.enumerate())
    with impatience(options.patience):
        outcome = _run(options)
    outcome["left"] = campaign.leftovers(outcome["level"]) + groups()
    outcome["left"] += [f"descriptor {fd}" for fd in set(os.listdir("/proc/self/fd")) - descriptors]
    outcome["left"] += [f"thread {thread.name}" for thread in set(threading.enumerate()) - threads]
    return outcome


def _run(options: argparse.Namespace) -> dict[str, Any]:
    # So much wall-clock time that CPU time is always up first: strikes make everything slower.
    config = SandboxConfig(workers=options.clients, wall_factor=20.0)
    if options.isolation is not None:
        level = options.isolation
        config = dataclasses.replace(config, isolation=level, use=str(level))
    with Watched(config) as sandbox:
        work = prepare(sandbox)
        stopping = threading.Event()
        clients = [
            Client(sandbox, work[i % 2], random.Random(derive_seed("client", options.seed, i)), stopping)
            for i in range(options.clients)
        ]
        killer = Killer(sandbox.level, options.mean, random.Random(derive_seed("killer", options.seed)))
        for client in clients:
            client.start()
        rates = {"before": rate(sandbox, options.quiet)}
        killer.start()
        rates["during"] = rate(sandbox, options.minutes * 60)
        killer.stopping.set()
        killer.join()
        assert not killer.failed, "the killer died of an error"
        healing = heal(sandbox)
        rates["after"] = rate(sandbox, options.quiet)
        stopping.set()
        deadline = time.monotonic() + REQUEST_SECONDS
        for client in clients:
            client.join(max(0.0, deadline - time.monotonic()))
        hung = sum(client.is_alive() for client in clients)
        counters = sandbox.counters
        return {
            "level": int(sandbox.level),
            "strikes": [[kind, weapon, count] for (kind, weapon), count in sorted(killer.strikes.items())],
            "requests": counters.requests,
            "calls": counters.calls,
            "results": dict(sum((client.done for client in clients), Counter())),
            "failures": dict(sandbox.failures),
            "blamed": sandbox.blamed,
            "wrong": [line for client in clients for line in client.wrong],
            "errors": [line for client in clients for line in client.errors],
            "hung": hung,
            "retries": counters.retries,
            "restarts": counters.restarts,
            "longest": sandbox.longest,
            "healing": healing,
            "rates": rates,
        }


def heal(sandbox: Watched) -> float:
    """Wait until every request that was under way when the strikes ended has ended; seconds that it took."""
    began = time.monotonic()
    while any(since < began for since in list(sandbox.under_way.values())):
        if time.monotonic() - began > REQUEST_SECONDS:
            break
        time.sleep(0.05)
    return time.monotonic() - began


def rate(sandbox: Sandbox, seconds: float) -> float:
    """Requests per second during the next `seconds`."""
    began, requests = time.monotonic(), sandbox.counters.requests
    time.sleep(seconds)
    return (sandbox.counters.requests - requests) / (time.monotonic() - began)


def groups() -> list[str]:
    """The control groups that this process has made and not removed."""
    with contextlib.suppress(SandboxError):
        return [
            f"control group {folder}"
            for hierarchy in cgroups.hierarchies()
            for folder in hierarchy.mount.glob(f"**/envforge-{owner().slug}-*")
        ]
    return []


def run_hosts(options: argparse.Namespace) -> list[dict[str, Any]]:
    """The same in several host processes at once, each with a seed of its own."""
    command = [sys.executable, __file__, "--json", "--clients", str(options.clients)]
    for name in ("minutes", "mean", "quiet", "patience"):
        command += [f"--{name}", str(getattr(options, name))]
    if options.isolation is not None:
        command += ["--isolation", str(options.isolation)]
    processes = [
        subprocess.Popen(
            [*command, "--seed", str(derive_seed("host", options.seed, i))], stdout=subprocess.PIPE
        )
        for i in range(options.hosts)
    ]
    outcomes = []
    for process in processes:
        output, _ = process.communicate()
        outcomes += json.loads(output)["hosts"] if output else []
    if len(outcomes) < options.hosts:
        sys.exit("a host process failed")
    return outcomes


# What was found


def findings(outcome: dict[str, Any]) -> list[str]:
    """What must not happen and did, in sentences."""
    found = [f"held against a correct program: {line}" for line in outcome["blamed"]]
    found += [f"wrong result: {line}" for line in outcome["wrong"]]
    found += [f"the sandbox gave up: {line}" for line in outcome["errors"]]
    found += [f"left behind: {line}" for line in outcome["left"]]
    if Status.HOSTILE in outcome["failures"]:
        found.append("a program was called hostile, and none of them takes anything down")
    if outcome["hung"]:
        found.append(f"{outcome['hung']} clients never got their last result")
    if outcome["healing"] > REQUEST_SECONDS:
        found.append("it did not recover when nobody struck any more")
    if outcome["longest"] > REQUEST_SECONDS:
        found.append(f"a request took {outcome['longest']:.0f} s")
    if not outcome["strikes"]:
        found.append("nothing was struck, so nothing was shown")
    return found


def show(outcomes: Sequence[dict[str, Any]]) -> None:
    """The summary of a run, as a table."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(width=None if Console().is_terminal else 110, highlight=False)
    total: dict[str, Counter[str]] = {"results": Counter(), "failures": Counter()}
    strikes: Counter[str] = Counter()
    for outcome in outcomes:
        for name, counter in total.items():
            counter.update(outcome[name])
        strikes.update({f"{kind}, {weapon}": count for kind, weapon, count in outcome["strikes"]})

    def summed(key: str) -> int:
        return sum(len(o[key]) if isinstance(o[key], list) else o[key] for o in outcomes)

    rates = {window: sum(o["rates"][window] for o in outcomes) for window in outcomes[0]["rates"]}
    level = outcomes[0]["level"]
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column(f"chaos at level {level}, {ISOLATION_NAMES[level]}")
    table.add_column(f"{len(outcomes)} host{'s'[: len(outcomes) - 1]}")
    rows = {
        f"strikes ({strikes.total()})": "\n".join(f"{name}: {count}" for name, count in strikes.items()),
        "requests (calls)": f"{summed('requests')} ({summed('calls')})",
        "results": ", ".join(f"{name} {count}" for name, count in sorted(total["results"].items())),
        "named failures, of calls or requests": "\n".join(
            f"{name}: {count}" for name, count in sorted(total["failures"].items())
        ),
        "held against correct programs": str(summed("blamed")),
        "wrong results": str(summed("wrong")),
        "errors of the sandbox": str(summed("errors")),
        "clients that hung": str(summed("hung")),
        "repeated alone": str(summed("retries")),
        "runners started anew": str(summed("restarts")),
        "left behind": str(summed("left")),
        "longest request": f"{max(o['longest'] for o in outcomes):.1f} s",
        "until the last request that was struck had ended": f"{max(o['healing'] for o in outcomes):.1f} s",
        "requests per second": ", ".join(f"{value:.0f} {window}" for window, value in rates.items()),
        "after / before": f"{rates['after'] / rates['before']:.2f}",
    }
    for name, value in rows.items():
        table.add_row(name, value or "none")
    console.print(table)
    for line in [line for outcome in outcomes for line in findings(outcome)][:MOST_SHOWN]:
        console.print(f"[bold red]finding[/] {escape(line)}")


def _level(text: str) -> int:
    if text in ISOLATION_NAMES:
        return ISOLATION_NAMES.index(text)
    if text.isdigit() and int(text) < len(ISOLATION_NAMES):
        return int(text)
    raise argparse.ArgumentTypeError(f"no level '{text}': choose from 0 to 5 or {', '.join(ISOLATION_NAMES)}")


def main() -> int:
    """Run and show; 1 when something was found."""
    lines = (__doc__ or "").splitlines()
    parser = argparse.ArgumentParser(
        description=lines[0],
        epilog="\n".join(lines[2:]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--isolation", type=_level, help="level by number or name; default: the best one")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long to strike")
    parser.add_argument("--clients", type=int, default=4, help="per host; every other one validates")
    parser.add_argument("--hosts", type=int, default=1, help="host processes at once")
    parser.add_argument("--mean", type=float, default=0.7, help="seconds between two strikes, on average")
    parser.add_argument("--quiet", type=float, default=20.0, help="seconds to measure before and after")
    parser.add_argument(
        "--patience", type=float, default=5.0, help="seconds of silence before a runner is dead"
    )
    parser.add_argument("--seed", type=int, default=0, help="of all random choices")
    parser.add_argument("--json", action="store_true", help="print everything that was found as JSON")
    options = parser.parse_args()
    outcomes = run_hosts(options) if options.hosts > 1 else [run(options)]
    if options.json:
        json.dump({"hosts": outcomes, "findings": [findings(outcome) for outcome in outcomes]}, sys.stdout)
    else:
        show(outcomes)
    return int(any(findings(outcome) for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
