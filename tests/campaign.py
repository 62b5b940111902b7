"""Runs all of tests/attacks at one isolation level and tells what happened, as JSON on standard output.

`python campaign.py LEVEL FOLDER`. It needs the standard library and envforge.sandbox alone, so that it can be
started as any user with any interpreter that this user may run. Level 0 runs only the attacks that are marked
as getting through there: it proves that they attack for real.

An attack is an environment program. Its docstring says what is expected of it, one line each:

- `Expect: VERDICT, ...`, or `Expect in generate:` and `Expect in score:` where they differ. A verdict is a
  `Status`, or "value" for a return value that gives nothing away.
- `Unconfined: VERDICT`: what comes of it at level 0, with resource limits only ("escapes" if it gets through).
- `Limit: SECONDS`: CPU time per call, for attacks that use all of it. `Repeat: N`: so many rounds.

Whoever gets through returns the state {"loot": "ESCAPED"} or the score 1.0. The port of a server on the host's
loopback is handed in as the difficulty and as the answer.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import re
import secrets
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from envforge.config import SandboxConfig
from envforge.contract import Flavour, Oracle, Program, content_id
from envforge.sandbox import Failure, Reply, Request, Sandbox, calls

ATTACKS = Path(__file__).parent / "attacks"
OPERATIONS = {"generate": "instance", "score": "score"}
WORKERS = 4  # more than cores: those that hang must not hold up the others
PR_SET_CHILD_SUBREAPER = 36
CANARY = f"CANARY-{secrets.token_hex(8)}"  # must not be found by any attack

BYSTANDER = f'''"""A correct program that must not notice the attacks around it. {CANARY}"""


def generate(rng, difficulty):
    return {{"number": rng.randrange(10**9), "secret": "{CANARY}"}}


def prompt(state):
    return f"Which number is it? It is the number {{state['number']}}."


def reference(state):
    return str(state["number"])


def score(state, answer):
    return 1.0 if answer == reference(state) else 0.0
'''


@dataclass(frozen=True)
class Attack:
    """One file of tests/attacks. `expected` maps "generate" and "score" to the verdicts allowed."""

    name: str
    source: str
    expected: dict[str, frozenset[str]]
    unconfined: str | None
    limit: float
    repeat: int


def load(path: Path) -> Attack:
    """The attack in one file."""
    source = path.read_text("utf-8")
    lines = dict(re.findall(r"^(Expect|Expect in \w+|Unconfined|Limit|Repeat): (.+)$", source, re.MULTILINE))
    expected = {}
    for function in OPERATIONS:
        verdicts = lines.get(f"Expect in {function}") or lines["Expect"]
        expected[function] = frozenset(verdicts.split(", "))
    limit, repeat = float(lines.get("Limit", 2.0)), int(lines.get("Repeat", 1))
    return Attack(path.stem, source, expected, lines.get("Unconfined"), limit, repeat)


def load_all(folder: Path = ATTACKS) -> list[Attack]:
    """All attacks, by name."""
    return [load(path) for path in sorted(folder.glob("*.py"))]


def program(source: str, flavour: Flavour = Flavour.BARE) -> Program:
    """A Program around any source, for calls that skip the static policy."""
    return Program(content_id(source), source, "", ("attack",), Oracle.EQUALITY, 9, flavour, "", frozenset())


def request_for(attack: Attack, function: str, port: int) -> Request:
    """The call that makes `attack` attack in "generate" or in "score"."""
    items, states = (
        ([[1, port]], []) if function == "generate" else ([[0, str(port)]], ['{"loot": "nothing"}'])
    )
    return Request(OPERATIONS[function], attack.source, items, states, cpu=attack.limit, strict=True)


def verdict(attack: Attack, function: str, reply: Reply) -> tuple[str, str]:
    """What came of an attack, and the evidence."""
    value = reply.failure or reply.results[0]
    if function == "generate":
        # Both are what an Evaluator does with the value that a process claims.
        value = calls._instance(program(attack.source), (1, 0), value)
    elif not isinstance(value, Failure):
        value = calls._scored(value)
    if isinstance(value, Failure):
        return value.status.value, str(value)
    return "escapes" if "ESCAPED" in repr(value) or value == 1.0 else "value", repr(value)[:300]


def descendants(root: int) -> dict[int, str]:
    """The processes below `root`: for each its state letter and its command line."""
    parents: dict[int, tuple[int, str]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                after_name = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
                command = (
                    Path(f"/proc/{entry}/cmdline")
                    .read_bytes()
                    .replace(b"\0", b" ")
                    .decode("utf-8", "replace")
                )
            except OSError:
                continue
            parents[int(entry)] = int(after_name[1]), f"{after_name[0]} {command}"
    found: dict[int, str] = {}
    level = {root}
    while level:
        level = {pid for pid, (parent, _) in parents.items() if parent in level}
        found |= {pid: parents[pid][1] for pid in level}
    return found


def gone(root: int, seconds: float = 20.0) -> dict[int, str]:
    """The processes that are still below `root` when it is clear that they stay; ended ones are reaped."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        left = descendants(root)
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.01)


def adopt_orphans(on: bool = True) -> None:
    """Have processes whose parents end become children of this one, so that none is lost from sight."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, ctypes.c_ulong(on), 0, 0, 0)


def missing(reason: str) -> NoReturn:
    """Give a test up, visibly, for what this machine lacks; where it must not lack anything, fail instead."""
    import pytest

    if os.environ.get("ENVFORGE_REQUIRE_LEVEL"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def campaign(level: int, folder: Path) -> dict[str, Any]:
    """Every attack side by side with a correct program, at exactly this level."""
    attacks = [attack for attack in load_all(folder) if level or attack.unconfined]
    os.environ["ENVFORGE_CANARY"] = CANARY
    adopt_orphans()
    descriptors = set(os.listdir("/proc/self/fd"))
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        port = server.getsockname()[1]
        abstract.bind(f"\0envforge-attack-{port}")
        abstract.listen()
        config = SandboxConfig(isolation=level, use=str(level), workers=WORKERS)
        with Sandbox(config) as sandbox:
            runner = sandbox._runner
            outcome = _attack_all(sandbox, attacks, port)
            below = descendants(os.getpid())
            outcome["same runner"] = sandbox._runner is runner and sandbox.counters.restarts == 0
            outcome["processes"] = sorted(below.values())
        server.setblocking(False)
        abstract.setblocking(False)
        outcome["connections"] = sum(_connected(listener) for listener in (server, abstract))
    outcome["left processes"] = sorted(gone(os.getpid()).values())
    outcome["left descriptors"] = len(set(os.listdir("/proc/self/fd")) - descriptors)
    return outcome


def _connected(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def _attack_all(sandbox: Sandbox, attacks: list[Attack], port: int) -> dict[str, Any]:
    bystander = program(BYSTANDER)
    plan = [(a, f) for a in attacks for f in OPERATIONS for _ in range(a.repeat)]
    requests = []
    for seed, (attack, function) in enumerate(plan):
        requests.append(request_for(attack, function, port))
        requests.append(Request("instance", BYSTANDER, [[seed, 0]]))
        state = json.dumps({"number": seed, "secret": CANARY})
        requests.append(Request("score", BYSTANDER, [[0, str(seed)]], [state]))
    replies = iter(sandbox.run_many(requests))
    verdicts: dict[str, dict[str, list[tuple[str, str]]]] = {
        a.name: {f: [] for f in OPERATIONS} for a in attacks
    }
    disturbed: dict[str, list[str]] = {a.name: [] for a in attacks}
    for seed, (attack, function) in enumerate(plan):
        verdicts[attack.name][function].append(verdict(attack, function, next(replies)))
        made, scored = next(replies), next(replies)
        instance = calls._instance(bystander, (seed, 0), made.failure or made.results[0])
        right = str(random.Random(seed).randrange(10**9))
        if isinstance(instance, Failure) or instance.reference != right or scored.results != (1.0,):
            disturbed[attack.name].append(f"{instance} {scored}")
    return {"verdicts": verdicts, "disturbed": disturbed}


if __name__ == "__main__":
    json.dump(campaign(int(sys.argv[1]), Path(sys.argv[2])), sys.stdout)
