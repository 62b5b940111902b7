"""Chaos: clients work while parts of the sandbox are struck, and what is struck or hangs is replaced."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import campaign
import chaos
import pytest

from envforge.config import SandboxConfig
from envforge.contract import Flavour
from envforge.errors import IsolationError, SandboxError
from envforge.locations import data_folder
from envforge.sandbox import Request, Sandbox

MINUTES = 0.75  # of strikes per level; `python tests/chaos.py` takes five
QUIET_SECONDS = 12.0
RECOVERED = 0.3  # of the rate before; two windows on a busy machine differ by a factor of two anyway


# The whole of it


def chaos_run(level: str, *options: str, line: str = "import chaos; chaos.main()") -> dict[str, Any]:
    """What tests/chaos.py finds, run in a process of its own: whatever is below that one may be struck."""
    command = [
        sys.executable,
        "-c",
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); {line}",
    ]
    run = subprocess.run(
        [*command, "--json", "--isolation", level, *options],
        check=False,
        capture_output=True,
        text=True,
        timeout=900,
    )
    if run.returncode:
        kind, _, sentence = (run.stderr.strip().splitlines() or [""])[-1].partition(": ")
        assert kind == "envforge.errors.IsolationError", run.stderr
        campaign.missing(sentence, int(level))
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("level", ["2", "4"], ids=["bubblewrap", "docker"])
def test_strikes_at_random_cost_time_and_nothing_else(level: str) -> None:
    found = chaos_run(level, "--minutes", str(MINUTES), "--quiet", str(QUIET_SECONDS), "--seed", level)
    (outcome,) = found["hosts"]
    assert found["findings"] == [[]]
    struck = {kind for kind, _, _ in outcome["strikes"]}
    # Children are struck as well when they are there long enough: that is chance.
    assert struck >= {"zygote", "supervisor", "container" if level == "4" else "bubblewrap"}
    assert sum(count for _, _, count in outcome["strikes"]) >= MINUTES * 20
    assert outcome["restarts"] > 0 and outcome["retries"] > 0
    assert set(outcome["results"]) == {"examine", "generate", "score"}
    assert outcome["rates"]["after"] > RECOVERED * outcome["rates"]["before"]


SABOTAGE = """
import signal
import chaos

chaos.CORRECT, chaos.DEFECTIVE = chaos.CORRECT[:1], chaos.DEFECTIVE[:1]
chaos.WEAPONS["child"] = (signal.SIGSEGV,)  # no sandbox can tell it from the program's own crash
parts, prepare = chaos.parts, chaos.prepare


def children_only(root):
    return [(pid, kind) for pid, kind in parts(root) if kind == "child"]


def wrong_expectations(sandbox):
    validating, scoring = prepare(sandbox)
    return validating, [chaos.Task(task.name, task.run, ["?"]) for task in scoring]


chaos.parts, chaos.prepare = children_only, wrong_expectations
chaos.main()
"""


@pytest.mark.slow
def test_chaos_finds_what_is_wrong() -> None:
    found = chaos_run("1", "--minutes", "0.2", "--quiet", "1", "--mean", "0.1", line=SABOTAGE)
    (sentences,) = found["findings"]
    assert any("held against a correct program" in s and "SIGSEGV" in s for s in sentences), sentences
    assert any("wrong result: score" in s and "not '?'" in s for s in sentences), sentences


# The parts of it


def test_only_what_the_sandbox_started_is_struck() -> None:
    with subprocess.Popen(["sleep", "60"]) as bystander:
        assert bystander.pid not in dict(chaos.parts(os.getpid()))
        assert not chaos.shoot(bystander.pid, lambda pid: False, signal.SIGKILL)
        assert bystander.poll() is None
        assert chaos.shoot(bystander.pid, lambda pid: True, signal.SIGKILL)
        assert bystander.wait() == -signal.SIGKILL
    assert not chaos.shoot(bystander.pid, lambda pid: True, signal.SIGKILL)
    assert os.getpid() not in dict(chaos.parts(os.getpid()))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, None),
        ({"blamed": ["x"]}, "held against a correct program: x"),
        ({"wrong": ["x"]}, "wrong result: x"),
        ({"errors": ["x"]}, "the sandbox gave up: x"),
        ({"left": ["x"]}, "left behind: x"),
        ({"failures": {"hostile": 1}}, "called hostile"),
        ({"hung": 1}, "1 clients never got their last result"),
        ({"healing": 1000.0}, "did not recover"),
        ({"longest": 1000.0}, "a request took 1000 s"),
        ({"strikes": []}, "nothing was struck"),
    ],
)
def test_everything_that_must_not_happen_is_a_finding(change: dict[str, Any], sentence: str | None) -> None:
    calm = {
        "blamed": [], "wrong": [], "errors": [], "left": [], "failures": {"raised": 3}, "hung": 0, "healing": 1.0,
        "longest": 2.0, "strikes": [["child", "SIGKILL", 1]],
    }  # fmt: skip
    found = chaos.findings({**calm, **change})
    assert found == [] if sentence is None else len(found) == 1 and sentence in found[0]


def test_a_client_notes_wrong_results_and_errors_and_goes_on(sandbox: Sandbox) -> None:
    stopping = threading.Event()
    rounds = iter([[0.5], SandboxError("no more"), [1.0], ValueError("odd")])

    def work(sandbox: Sandbox) -> Any:
        result = next(rounds, None)
        if result is None:
            stopping.set()
        if isinstance(result, Exception):
            raise result
        return [1.0] if result is None else result

    client = chaos.Client(sandbox, [chaos.Task("score it", work, [1.0])], random.Random(0), stopping)
    client.start()
    client.join(60)
    assert not client.is_alive()
    assert client.wrong == ["score it: entry 0 is '0.5', not '1.0'", "score it: ValueError: odd"]
    assert client.errors == ["score it: no more"]
    assert client.done == {"score": 3}


# What hangs


@pytest.fixture
def hurried(tmp_path: Path) -> Path:
    """The runner with deadlines of seconds for its zygotes."""
    folder = tmp_path / "sandbox"
    shutil.copytree(data_folder("sandbox"), folder, ignore=shutil.ignore_patterns("__pycache__"))
    source = (folder / "supervisor.py").read_text("utf-8")
    changed = source.replace("START_SECONDS = 40.0", "START_SECONDS = 4.0").replace(
        "GRACE_SECONDS = 10.0", "GRACE_SECONDS = 2.0"
    )
    assert changed.count("SECONDS = 4.0") == changed.count("SECONDS = 2.0") == 1
    (folder / "supervisor.py").write_text(changed, "utf-8")
    return folder


@pytest.fixture(params=[1, 2], ids=["confined", "bubblewrap"])
def runner(request: pytest.FixtureRequest, hurried: Path) -> Iterator[Sandbox]:
    """A sandbox with that runner and one worker."""
    level = request.param
    sandbox = Sandbox(
        SandboxConfig(isolation=level, use=str(level), workers=1, wall_factor=50.0), runner=hurried
    )
    try:
        sandbox.start()
    except IsolationError as error:
        campaign.missing(str(error), level)
    with sandbox:
        yield sandbox


BUSY = """
def generate(rng, difficulty):
    total = 0
    for number in range(400_000):
        total += number
    return {"total": total}


def prompt(state):
    return "What do the whole numbers below four hundred thousand sum to?"


def reference(state):
    return str(state["total"])
"""


def work(calls: int, flavour: Flavour = Flavour.BARE) -> Request:
    """A correct program that is busy for some hundredths of a second per call."""
    return Request("instance", BUSY, [[0, 0]] * calls, flavour=flavour)


def right(sandbox: Sandbox, request: Request) -> bool:
    reply = sandbox.run(request)
    assert reply.failure is None, reply.failure
    return [value["reference"] for value in reply.results] == ["79999800000"] * len(request.items)


def of_runner(sandbox: Sandbox, kind: str, other_than: Any = ()) -> int:
    """The first process of a kind in the shared runner; waits for it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        front = sandbox._runner.channel.pid  # type: ignore[union-attr]
        for pid, found in chaos.parts(front):
            if found == kind and pid not in other_than:
                return pid
    raise AssertionError(f"there is no {kind}")


def test_an_idle_zygote_that_was_stopped_is_replaced(runner: Sandbox) -> None:
    os.kill(of_runner(runner, "zygote"), signal.SIGSTOP)
    assert right(runner, work(1))
    assert (runner.counters.retries, runner.counters.restarts) == (1, 0), "its runner had to be given up"
    assert right(runner, work(1))
    assert runner.counters.retries == 1


def test_a_zygote_that_was_stopped_at_work_is_replaced(runner: Sandbox) -> None:
    with ThreadPoolExecutor(1) as thread:
        reply = thread.submit(right, runner, work(30))
        of_runner(runner, "child")
        os.kill(of_runner(runner, "zygote"), signal.SIGSTOP)
        assert reply.result()
    assert (runner.counters.retries, runner.counters.restarts) == (1, 0)


def test_a_zygote_that_was_stopped_while_it_starts_is_replaced(runner: Sandbox) -> None:
    first = of_runner(runner, "zygote")
    with ThreadPoolExecutor(1) as thread:
        reply = thread.submit(right, runner, work(1, Flavour.NETWORKX))
        os.kill(of_runner(runner, "zygote", (first,)), signal.SIGSTOP)
        assert reply.result()
    assert runner.counters.retries == 1


def test_a_zygote_is_given_the_time_that_its_child_has(runner: Sandbox) -> None:
    """Far more than the deadline for a sign of life, with a child that says nothing meanwhile."""
    zygote = of_runner(runner, "zygote")
    request = work(10)
    while (reply := runner.run(request)).wall < 5.0:
        assert reply.failure is None
        request = work(int(len(request.items) * max(1.5, 6.0 / reply.wall)))
    assert len(reply.results) == len(request.items)
    assert (runner.counters.retries, of_runner(runner, "zygote")) == (0, zygote)
