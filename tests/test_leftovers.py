"""What a sandbox leaves behind when it is closed, and when its host is killed: nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import campaign
import pytest
from sandboxes import ALL_LEVELS, BUSY, DRAW, LEVELS, Maker, front, until

from envforge.config import SandboxConfig
from envforge.errors import IsolationError, SandboxError
from envforge.sandbox import Level, Request, Sandbox

HOST = """
import sys, threading
sys.path.insert(0, sys.argv[1])
import campaign, sandboxes
from envforge.config import SandboxConfig
from envforge.config import SandboxConfig
from envforge.errors import IsolationError
from envforge.sandbox import Request, Sandbox
sandbox = Sandbox(SandboxConfig(isolation=int(sys.argv[2]), use=sys.argv[2], workers=2))
try:
    sandbox.start()
except IsolationError as error:
    sys.exit(print(error, flush=True))
spin = [Request("instance", "while True: pass", [[0, 0]], cpu=300.0)] * 8
threading.Thread(target=lambda: sandbox.run_many(spin)).start()
sandboxes.until(lambda: len(sandboxes.processes(sandbox, "zygote.main()")) >= 4, "two zygotes and their children")
print("running", flush=True)
campaign.time.sleep(600)
"""
MIDDLE = """
import os, subprocess, sys
sys.path.insert(0, sys.argv[1])
import campaign
campaign.adopt_orphans()
host = subprocess.Popen([sys.executable, "-c", sys.argv[3], *sys.argv[1:3]], stdout=subprocess.PIPE, text=True)
print(host.stdout.readline())
before = len(campaign.descendants(host.pid))
host.kill()
host.wait()
print(before, sorted(campaign.gone(os.getpid()).values()))
"""


@pytest.mark.parametrize("level", LEVELS[:3])  # containers are nobody's children: test_container.py
def test_a_host_that_is_killed_leaves_no_process(level: int) -> None:
    folder = str(Path(__file__).parent)
    run = subprocess.run(
        [sys.executable, "-c", MIDDLE, folder, str(level), HOST], capture_output=True, text=True, check=True
    )
    said, _, figures = run.stdout.strip().partition("\n\n")
    if said != "running":
        campaign.missing(said, level)
    before, _, left = figures.partition(" ")
    assert int(before) >= 5 and left == "[]", run.stdout


@pytest.mark.parametrize("level", ALL_LEVELS)
def test_closing_leaves_nothing(level: int, make: Maker) -> None:
    _warm_up(level)
    descriptors, threads = _descriptors(), threading.active_count()
    sandbox = make(level)
    sandbox.run_many([Request("instance", DRAW, [[seed, 0]], hash_seed=seed % 2) for seed in range(6)])
    pid = front(sandbox)
    pids = {pid, *campaign.descendants(pid)}
    sandbox.close()
    sandbox.close()
    until(lambda: not [pid for pid in pids if Path(f"/proc/{pid}").exists()], "the end of every process")
    assert _descriptors() == descriptors and threading.active_count() == threads
    if level >= Level.DOCKER:
        assert campaign.containers() == []
    with pytest.raises(SandboxError, match="closed"):
        sandbox.run(Request("instance", DRAW, [[0, 0]]))


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_that_is_not_to_be_had_leaves_nothing(level: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every runner that is started starts in vain: an attack on ourselves seems to get through."""
    _warm_up(level)
    descriptors, threads, others = (
        _descriptors(),
        threading.active_count(),
        set(campaign.descendants(os.getpid())),
    )
    monkeypatch.setattr("envforge.sandbox.ladder._attack", lambda runner, names, target: list(names))
    sandbox = Sandbox(SandboxConfig(isolation=level, use=str(level), workers=1))
    with pytest.raises(IsolationError, match="these attacks got through"):
        sandbox.start()
    sandbox.close()
    until(lambda: set(campaign.descendants(os.getpid())) <= others, "the end of every process")
    if level >= Level.DOCKER:
        assert campaign.containers() == []
    assert _descriptors() == descriptors and threading.active_count() == threads


@pytest.mark.parametrize("level", [LEVELS[0], LEVELS[-1]])
def test_closing_while_others_wait_is_said(level: int, make: Maker) -> None:
    sandbox = make(level)
    with ThreadPoolExecutor(1) as thread:
        replies = thread.submit(
            sandbox.run_many, [Request("instance", BUSY, [[seed, 0]]) for seed in range(100)]
        )
        until(lambda: sandbox.counters.requests >= 3, "the first replies")
        sandbox.close()
        with pytest.raises(SandboxError, match="closed while requests were under way"):
            replies.result()
    assert sandbox.counters.failures == {}


def _warm_up(level: int) -> None:
    """What a first start opens for good (the SDK's modules, the image) must not count as left behind."""
    sandbox = Sandbox(SandboxConfig(isolation=1, use=str(level), workers=1))
    try:
        sandbox.start()
    except IsolationError as error:
        campaign.missing(str(error), level)
    finally:
        sandbox.close()


def _descriptors() -> list[str]:
    return sorted(os.listdir("/proc/self/fd"))
