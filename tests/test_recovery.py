"""Parts of the sandbox that are killed, stopped or hang: nothing may be lost, nobody blamed without proof."""

from __future__ import annotations

import math
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import campaign
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sandboxes import BUSY, DRAW, LEVELS, Maker, child, drawn, front, kill, processes, until

from envforge.config import SandboxConfig
from envforge.contract import derive_seed
from envforge.errors import IsolationError, SandboxError
from envforge.sandbox import Evaluator, Failure, Level, Request, Sandbox, Status, client, recovery, runner
from envforge.sandbox.recovery import ATTEMPTS, CONTROL, DEATHS, blame, control
from envforge.sandbox.reply import broken
from envforge.sandbox.runner import RawReply

ENDS = [
    LEVELS[0],
    LEVELS[-1],
]  # a process and a container: what lies between differs in nothing that is tested

# Whose fault it was

PROGRAM = Request("instance", DRAW, [[0, 0]])
ALIVE = RawReply({"status": "done", "exit": 0, "cpu": 0.1, "wall": 0.1, "rss": 9.0, "cut": None}, b"some")


def raw(body: bytes = b"some", **header: Any) -> RawReply:
    return RawReply({**ALIVE.header, **header}, body)


@pytest.mark.parametrize(
    ("reply", "taken_down"),
    [
        (ALIVE, False),
        (raw(status="died"), True),
        (raw(b""), True),
        (raw(exit=9), True),
        (raw(exit=9, cpu=2.99), True),
        (raw(exit=9, cpu=3.0), False),  # the kernel's hard limit on CPU time
        (raw(exit=9, cut="wall"), False),  # our own kill
        (raw(b"", exit=9, cut="wall"), False),
        (raw(b"", exit=9, cut="output"), False),
        *((raw(exit=number), False) for number in range(1, 65) if number != 9),
        (raw(exit=9 << 8), False),  # an exit status is no signal
        (raw(exit=70 << 8), False),
    ],
)
def test_only_what_a_confined_program_cannot_do_counts_as_taken_down(
    reply: RawReply, taken_down: bool
) -> None:
    assert broken(reply, PROGRAM.total_cpu) is taken_down


def scripted(outcomes: str) -> tuple[Callable[[Request], RawReply | None], list[Request]]:
    """Plays one outcome per run: `l` lives, `d` the runner dies, `z` its zygote, `k` the process is killed."""
    runs: list[Request] = []
    play = {"l": ALIVE, "d": None, "z": raw(b"", status="died"), "k": raw(exit=signal.SIGKILL)}
    outcome = iter(outcomes)

    def alone(request: Request) -> RawReply | None:
        runs.append(request)
        return play[next(outcome)]

    return alone, runs


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ("l", "result"),
        ("dll", "result"),
        ("zll", "result"),
        ("kll", "result"),
        ("dl" * (DEATHS - 1) + "l", "result"),
        (
            "dd" * (ATTEMPTS - 1) + "l",
            "result",
        ),  # all that died proves nothing as long as controls die as well
        ("dz" * 3 + "kk" * 3 + "zd" * 3 + "l", "result"),
        ("dl" * DEATHS, "hostile"),
        ("zl" * DEATHS, "hostile"),
        ("klzldldlkl", "hostile"),
        ("dd" * 20 + "dl" * DEATHS, "hostile"),
        ("dl" * (DEATHS - 1) + "dd" + "dl", "hostile"),
        ("dd" * ATTEMPTS, "nobody"),
        ("kz" * ATTEMPTS, "nobody"),
        ("dl" * (DEATHS - 1) + "dd" * (ATTEMPTS - DEATHS + 1), "nobody"),
    ],
)
def test_only_deaths_that_a_control_survives_count(outcomes: str, verdict: str) -> None:
    alone, runs = scripted(outcomes)
    if verdict == "nobody":
        with pytest.raises(SandboxError, match=f"killed from outside: {ATTEMPTS} attempts"):
            blame(PROGRAM, alone)
    else:
        settled = blame(PROGRAM, alone)
        if verdict == "result":
            assert settled is ALIVE
        else:
            assert isinstance(settled, Failure) and settled.status is Status.HOSTILE
            assert f"{DEATHS} times" in settled.message
    assert len(runs) == len(outcomes), "it stopped early or went on too long"
    # A control follows every death, and nothing else.
    expected = [(CONTROL if turn % 2 else PROGRAM).source for turn in range(len(runs))]
    assert [request.source for request in runs] == expected


@settings(deadline=None)
@given(st.text("ldzk", min_size=2 * ATTEMPTS, max_size=2 * ATTEMPTS))
def test_every_course_of_events_ends_in_what_it_proves(outcomes: str) -> None:
    alone, runs = scripted(outcomes)
    pairs = [outcomes[i : i + 2] for i in range(0, len(outcomes), 2)]
    try:
        settled = blame(PROGRAM, alone)
    except SandboxError:
        settled = None
    seen = pairs[: (len(runs) + 1) // 2]
    proofs = sum(program != "l" and control == "l" for program, control in seen)
    if isinstance(settled, Failure):
        assert proofs == DEATHS and len(runs) == 2 * len(seen)
    elif settled is None:
        assert proofs < DEATHS and len(seen) == ATTEMPTS and all(program != "l" for program, _ in seen)
    else:
        assert proofs < DEATHS and seen[-1][0] == "l" and all(program != "l" for program, _ in seen[:-1])


class Machine:
    """Strikes at random, as often per second whatever runs; `alone` is what recovery asks for, without real time.

    PROGRAM takes a second. A hostile one takes its runner down at the end of it, if nothing else has by then.
    """

    def __init__(self, chance: random.Random, killed: float, hostile: bool) -> None:
        self._chance, self._hostile = chance, hostile
        self._rate = -math.log1p(-killed)  # strikes per second, so that this share of PROGRAMs is struck
        self.strikes = 0

    def alone(self, request: Request) -> RawReply:
        seconds = 1.0 if request is PROGRAM else request.cpu
        until_struck = self._chance.expovariate(self._rate) if self._rate else math.inf
        if until_struck < seconds:
            self.strikes += 1
            return raw(b"", status="died", wall=until_struck)
        return raw(b"", status="died", wall=seconds) if self._hostile and request is PROGRAM else ALIVE


def verdicts(name: str, killed: float, hostile: bool, trials: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for trial in range(trials):
        machine = Machine(random.Random(derive_seed(name, "outside kills", trial)), killed, hostile)
        try:
            settled = blame(PROGRAM, machine.alone)
        except SandboxError:
            found["nobody"] += 1
        else:
            found["hostile" if isinstance(settled, Failure) else "result"] += 1
        found["strikes"] += machine.strikes
    return found


@pytest.mark.parametrize("killed", [0.0, 0.02, 0.1, 0.3, 0.5])
def test_an_innocent_program_is_almost_never_called_hostile(killed: float) -> None:
    """`killed` is the share of its runs that are struck from outside."""
    trials = 20_000
    found = verdicts("innocent", killed, False, trials)
    assert found["hostile"] <= trials / 5000 and found["nobody"] <= trials / 1000
    # Struck at this rate before it lives once, it is struck so often on average; controls come on top of that.
    assert found["strikes"] >= 0.8 * trials * killed / (1 - killed)


@pytest.mark.parametrize(("killed", "least"), [(0.0, 1.0), (0.02, 1.0), (0.1, 0.9), (0.5, 0.0)])
def test_a_program_that_always_kills_never_gets_a_result(killed: float, least: float) -> None:
    """Under heavy fire nobody can tell it from the others: then nobody is blamed, and that is an error."""
    found = verdicts("hostile", killed, True, 1000)
    assert found["result"] == 0
    assert found["hostile"] >= least * 1000


def test_the_control_takes_longer_than_all_runs_that_it_is_compared_with() -> None:
    """So that what strikes at random strikes it more often."""
    controls: list[float] = []

    def alone(request: Request) -> RawReply:
        if request is PROGRAM:
            return raw(b"", status="died", wall=0.2)
        controls.append(request.cpu)
        return ALIVE

    assert isinstance(blame(PROGRAM, alone), Failure)
    assert controls == pytest.approx([0.2 * recovery.CONTROL_FACTOR * dead for dead in range(1, DEATHS + 1)])
    assert recovery.CONTROL_FACTOR > 1 and control(1e6) == control(recovery.CONTROL_SECONDS)
    assert control(0.0) == CONTROL


@pytest.mark.parametrize("level", ENDS)
def test_a_control_takes_its_time_and_lives(level: int, make: Maker) -> None:
    sandbox = make(level)
    for seconds in (0.0, 0.7):
        asked = control(seconds)
        reply = sandbox._alone(asked)
        assert reply is not None and not broken(reply, asked.total_cpu)
        assert reply.header["wall"] >= seconds and reply.header["cut"] in (None, "wall")


# Killed from outside


VICTIMS = [
    *((level, victim) for level in (1, 2, 3, 4) for victim in ("supervisor.main()", "zygote.main()")),
    (2, "/bwrap "),
    (3, "/bwrap "),
    (4, "container"),
    (5, "container"),
]


def strike(sandbox: Sandbox, victim: str) -> None:
    if victim == "container":
        kill(front(sandbox))
    else:
        for pid in processes(sandbox, victim)[:1]:
            kill(pid)


@pytest.mark.parametrize(("level", "victim"), VICTIMS)
def test_killing_a_part_loses_nothing(level: int, victim: str, make: Maker) -> None:
    sandbox = make(level)
    requests = [Request("instance", BUSY, [[seed, 0]]) for seed in range(20)]
    with ThreadPoolExecutor(1) as thread:
        replies = thread.submit(sandbox.run_many, requests)
        for done in (2, 10):
            until(lambda: sandbox.counters.requests >= done or replies.done(), "the next request")  # noqa: B023
            strike(sandbox, victim)
        assert [reply.results[0]["state"]["n"] for reply in replies.result()] == [drawn(n) for n in range(20)]
    assert sandbox.counters.failures == {} and sandbox.counters.requests == 20
    assert (sandbox.counters.retries, sandbox.counters.restarts) != (0, 0), "nobody was struck"
    assert sandbox.run(requests[0]).results[0]["state"]["n"] == drawn(0)


@pytest.mark.parametrize("level", LEVELS)
def test_a_child_that_somebody_kills_is_run_again(level: int, make: Maker) -> None:
    sandbox = make(level)
    with ThreadPoolExecutor(1) as thread:
        reply = thread.submit(sandbox.run, Request("instance", BUSY, [[7, 9]] * 5))
        kill(child(sandbox))
        assert [value["state"]["n"] for value in reply.result().results] == [drawn(7)] * 5
    assert (sandbox.counters.retries, sandbox.counters.restarts) == (1, 0)


class Hunter(threading.Thread):
    """Kills every zygote below this process that runs a child under the hash seed 77, or under `seed`."""

    def __init__(self, seed: str) -> None:
        super().__init__()
        self._mark = f"PYTHONHASHSEED={seed}".encode()
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.is_set():
            for pid in campaign.descendants(os.getpid()):
                try:
                    environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
                except OSError:
                    continue
                if any(entry.startswith(self._mark) for entry in environment) and campaign.descendants(pid):
                    kill(pid)
            time.sleep(0.001)

    def __enter__(self) -> Hunter:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self.join()


@pytest.mark.parametrize("level", [LEVELS[0], LEVELS[2]])
def test_a_program_that_always_takes_the_sandbox_down_is_hostile(
    level: int, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = make(level)
    monkeypatch.setattr(recovery, "CONTROL_SECONDS", 0.2)
    with Hunter("77"):
        reply = sandbox.run(Request("instance", BUSY, [[0, 0]] * 20, hash_seed=77))
    assert reply.failure is not None and reply.failure.status is Status.HOSTILE
    assert sandbox.counters.failures == {"hostile": 1} and sandbox.counters.retries == 1
    assert sandbox.run(Request("instance", DRAW, [[3, 0]])).results[0]["state"]["n"] == drawn(3)


def test_when_everything_dies_nobody_is_blamed(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = make(1)
    monkeypatch.setattr(recovery, "ATTEMPTS", 3)
    with Hunter(""), pytest.raises(SandboxError, match="killed from outside"):
        sandbox.run(Request("instance", BUSY, [[0, 9]] * 20))  # long enough to be caught on a busy machine
    assert sandbox.counters.failures == {}
    assert sandbox.run(Request("instance", DRAW, [[3, 0]])).results[0]["state"]["n"] == drawn(3)


def test_a_runner_that_cannot_be_started_again_is_named(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = make(1)
    monkeypatch.setattr(client, "RESTART_PAUSES", (0.0, 0.01))
    launch = sandbox._launch
    assert launch is not None and sandbox._runner is not None
    sandbox._launch = type(launch)(launch.library, launch.user, _refuse)
    kill(front(sandbox))
    until(lambda: sandbox._runner is not None and sandbox._runner.dead, "the end of the runner")
    with pytest.raises(SandboxError, match="did not start again: no room for it"):
        sandbox.run(PROGRAM)
    sandbox._launch = launch
    assert sandbox.run(PROGRAM).results[0]["state"]["n"] == drawn(0)


def _refuse(config: str) -> Any:
    raise OSError("no room for it")


# Hanging


@pytest.mark.parametrize("level", ENDS)
@pytest.mark.parametrize("size", [10, 2_000_000], ids=["small request", "large request"])
def test_a_runner_that_hangs_is_replaced(
    size: int, level: int, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = make(level)
    monkeypatch.setattr(client, "GRACE_SECONDS", 0.2)
    monkeypatch.setattr(client, "MAX_BATCH_WALL_SECONDS", 1.0)
    for module in ("channel", "container"):
        monkeypatch.setattr(f"envforge.sandbox.{module}.SEND_SECONDS", 0.2)
    stuck = sandbox._runner
    assert stuck is not None
    for pid in processes(sandbox, "supervisor.main()"):
        os.kill(pid, signal.SIGSTOP)
    state = '{"n": 1, "padding": "' + "x" * size + '"}'
    reply = sandbox.run(Request("score", DRAW, [[0, "1"]], [state], cpu=0.2))
    assert reply.results == (1.0,)
    assert stuck.dead and sandbox.run(Request("instance", DRAW, [[3, 0]])).results[0]["state"]["n"] == drawn(
        3
    )
    assert (sandbox.counters.restarts, sandbox.counters.retries) == (1, 1)


@pytest.fixture
def quick_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asks after 0.1 s of silence and buries after 2 s."""
    monkeypatch.setattr(runner, "PULSE_SECONDS", 0.1)
    monkeypatch.setattr(runner, "SILENCE_SECONDS", 2.0)


@pytest.mark.usefixtures("quick_pulse")
@pytest.mark.parametrize("level", ENDS)
def test_a_runner_without_a_pulse_is_replaced_long_before_its_deadline(level: int, make: Maker) -> None:
    sandbox = make(level)
    stuck = sandbox._runner
    assert stuck is not None
    with ThreadPoolExecutor(1) as thread:
        started = time.monotonic()
        reply = thread.submit(sandbox.run, Request("instance", BUSY, [[7, 9]], cpu=30.0))
        child(sandbox)
        for pid in processes(sandbox, "supervisor.main()"):
            os.kill(pid, signal.SIGSTOP)
        assert reply.result().results[0]["state"]["n"] == drawn(7)
        assert time.monotonic() - started < 120.0, "it waited for the request's own deadline, 430 s"
    assert stuck.dead and sandbox.counters.retries == 1


@pytest.mark.usefixtures("quick_pulse")
@pytest.mark.parametrize("level", ENDS)
def test_a_runner_that_is_only_busy_keeps_its_pulse(level: int, make: Maker) -> None:
    sandbox = make(level, wall_factor=50.0)
    same = sandbox._runner
    once = sandbox.run(Request("instance", BUSY, [[7, 29]])).wall  # how much is enough depends on the machine
    busy = Request("instance", BUSY, [[7, 29]] * math.ceil(3 * runner.SILENCE_SECONDS / once))
    replies = sandbox.run_many([busy] * 2)
    assert max(reply.wall for reply in replies) > runner.SILENCE_SECONDS, "too short to prove anything"
    assert [reply.results[0]["state"]["n"] for reply in replies] == [drawn(7)] * 2
    assert (sandbox.counters.restarts, sandbox.counters.retries) == (0, 0)
    assert sandbox._runner is same


@pytest.mark.usefixtures("quick_pulse")
def test_a_runner_that_was_idle_for_long_has_its_pulse_still(make: Maker) -> None:
    """Nobody asked it anything meanwhile, so its silence means nothing."""
    sandbox = make(1)
    time.sleep(1.1 * runner.SILENCE_SECONDS)
    assert sandbox.run(Request("instance", BUSY, [[7, 9]] * 3)).results[0]["state"]["n"] == drawn(7)
    assert (sandbox.counters.restarts, sandbox.counters.retries) == (0, 0)


def test_a_zygote_that_hangs_is_replaced_with_its_runner(
    make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its supervisor answers all the time, so only the request's own deadline tells."""
    sandbox = make(1)
    monkeypatch.setattr(client, "GRACE_SECONDS", 0.2)
    monkeypatch.setattr(client, "MAX_BATCH_WALL_SECONDS", 1.0)
    for pid in processes(sandbox, "zygote.main()"):
        os.kill(pid, signal.SIGSTOP)
    assert sandbox.run(Request("instance", DRAW, [[3, 0]], cpu=0.2)).results[0]["state"]["n"] == drawn(3)
    assert sandbox.counters.retries == 1 and sandbox.counters.failures == {}


# Threads


@pytest.mark.parametrize("level", LEVELS)
def test_threads_share_a_sandbox(level: int, make: Maker) -> None:
    sandbox = make(level)
    evaluator = Evaluator(sandbox)

    def work(thread: int) -> bool:
        keys = [(1000 * thread + seed, 0) for seed in range(40)]
        found = evaluator.instances(campaign.program(DRAW), keys, fresh=True)
        return [instance.state["n"] for instance in found] == [drawn(seed) for seed, _ in keys]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(work, range(4))) == [True] * 4
    assert sandbox.counters.restarts == 0 and sandbox.counters.requests == 160


@pytest.mark.parametrize("level", LEVELS)
def test_a_sandbox_outlives_the_thread_that_started_it(level: int) -> None:
    sandbox = Sandbox(SandboxConfig(isolation=1, use=str(level), workers=1))
    with ThreadPoolExecutor(1) as starter:
        try:
            starter.submit(sandbox.start).result()
        except IsolationError as error:
            campaign.missing(str(error), level)
    replies = sandbox.run_many([Request("instance", BUSY, [[seed, 0]]) for seed in range(4)])
    assert [reply.results[0]["state"]["n"] for reply in replies] == [drawn(seed) for seed in range(4)]
    assert sandbox.counters.restarts == 0 and sandbox.level == Level(level)
    sandbox.close()
