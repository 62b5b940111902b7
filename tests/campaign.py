"""Runs the attacks of tests/attacks at the isolation levels of this machine and shows which of them got through.

    python tests/campaign.py                            every level that this machine gives
    python tests/campaign.py --levels 1 2 docker        these levels, by number or name
    python tests/campaign.py --all                      one row per attack instead of one per category
    python tests/campaign.py --only fork_bomb io_uring  these attacks
    python tests/campaign.py --json                     everything that was found, for programs

Level 0 is no boundary: only the attacks that are marked as harmless run there, and many of them get through,
which proves that they attack for real. attack.py tells what a file of tests/attacks must say.

Beside every attack a correct program runs, which must get its right result, and afterwards the sandbox must still
be the same, all of it, and leave nothing behind. The exit status is 1 when anything else happened from level 1 on.

With --json it needs the standard library and envforge.sandbox alone, so that it can be started as any user with
any interpreter that this user may run.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import random
import secrets
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from attack import ATTACKS, OPERATIONS, Attack, load, load_all, program, request_for, verdict

from envforge.config import ISOLATION_NAMES, SandboxConfig
from envforge.errors import IsolationError
from envforge.sandbox import Failure, Level, Request, Sandbox, calls

__all__ = [
    "ATTACKS",
    "Attack",
    "adopt_orphans",
    "campaign",
    "descendants",
    "gone",
    "load",
    "load_all",
    "missing",
    "program",
    "request_for",
]

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


# Running the attacks


def campaign(level: int, attacks: Sequence[Attack]) -> dict[str, Any]:
    """The attacks side by side with a correct program, at exactly this level; at level 0 those that may run there.

    Raises IsolationError when this machine does not give the level.
    """
    attacks = [attack for attack in attacks if level or attack.unconfined]
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
    outcome["left"] = leftovers(level)
    outcome["left descriptors"] = len(set(os.listdir("/proc/self/fd")) - descriptors)
    return outcome


def _connected(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def _attack_all(sandbox: Sandbox, attacks: Sequence[Attack], port: int) -> dict[str, Any]:
    plan = [(a, f) for a in attacks for f in OPERATIONS for _ in range(a.repeat)]
    requests = []
    for seed, (attack, function) in enumerate(plan):
        requests += [request_for(attack, function, port), _bystander(function, seed)]
    replies = iter(sandbox.run_many(requests))
    verdicts: dict[str, dict[str, list[tuple[str, str]]]] = {
        a.name: {f: [] for f in OPERATIONS} for a in attacks
    }
    disturbed: dict[str, list[str]] = {a.name: [] for a in attacks}
    for seed, (attack, function) in enumerate(plan):
        verdicts[attack.name][function].append(verdict(attack, function, next(replies)))
        reply = next(replies)
        value = reply.failure or reply.results[0]
        if not _right(function, seed, value):
            disturbed[attack.name].append(f"{function} of a correct program: {str(value)[:200]}")
    return {"verdicts": verdicts, "disturbed": disturbed}


def _bystander(function: str, seed: int) -> Request:
    if function == "generate":
        return Request("instance", BYSTANDER, [[seed, 0]])
    state = json.dumps({"number": seed, "secret": CANARY})
    return Request("score", BYSTANDER, [[0, str(seed)]], [state])


def _right(function: str, seed: int, value: Any) -> bool:
    if function == "score":
        return bool(value == 1.0)
    instance = calls._instance(program(BYSTANDER), (seed, 0), value)
    return not isinstance(instance, Failure) and instance.reference == str(
        random.Random(seed).randrange(10**9)
    )


# What is left behind


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


def containers() -> list[str]:
    """The containers that this process has started and that are still there."""
    from envforge.sandbox.container import OWNER_LABEL, Engine
    from envforge.sandbox.owner import owner

    engine = Engine()
    try:
        ours = [c for c in engine.containers() if c.labels.get(OWNER_LABEL) == owner().label]
        return [f"container {container.id[:12]}" for container in ours]
    finally:
        engine.close()


def leftovers(level: int, seconds: float = 20.0) -> list[str]:
    """What a closed sandbox of this level has left behind: processes, and containers from level docker on."""
    left = sorted(gone(os.getpid(), seconds).values())
    return left + (containers() if level >= Level.DOCKER else [])


def missing(reason: str, level: int = 0) -> NoReturn:
    """Give a test up, visibly, for what this machine lacks; where it must not lack it, fail instead.

    ENVFORGE_REQUIRE_LEVEL is the highest level that must be there, with all below it; ENVFORGE_REQUIRE_GVISOR
    asks for the last one, which that number does not stand for.
    """
    import pytest

    required = os.environ.get("ENVFORGE_REQUIRE_LEVEL")
    if level == Level.GVISOR:
        wanted = bool(os.environ.get("ENVFORGE_REQUIRE_GVISOR"))
    else:
        wanted = bool(required) and level <= int(required or 0)
    if wanted:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


# The command


def _level(text: str) -> int:
    """A level by number or name."""
    if text in ISOLATION_NAMES:
        return ISOLATION_NAMES.index(text)
    if text.isdigit() and int(text) < len(ISOLATION_NAMES):
        return int(text)
    raise argparse.ArgumentTypeError(f"no level '{text}': choose from 0 to 5 or {', '.join(ISOLATION_NAMES)}")


def main() -> int:
    """Run the attacks and show the matrix; 1 when something got through a boundary or was left behind."""
    lines = (__doc__ or "").splitlines()
    parser = argparse.ArgumentParser(
        description=lines[0],
        epilog="\n".join(lines[2:]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    every = list(range(len(ISOLATION_NAMES)))
    parser.add_argument(
        "--levels", nargs="+", type=_level, default=every, help="numbers or names; default: all"
    )
    parser.add_argument("--all", action="store_true", help="one row per attack")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these attacks only")
    parser.add_argument("--json", action="store_true", help="print everything that was found as JSON")
    options = parser.parse_args()
    attacks = load_all()
    if options.only:
        unknown = set(options.only) - {attack.name for attack in attacks}
        if unknown:
            parser.error(f"no attack is called {', '.join(sorted(unknown))}")
        attacks = [attack for attack in attacks if attack.name in options.only]
    outcomes: dict[int, dict[str, Any]] = {}
    absent: dict[int, str] = {}
    for level in sorted(set(options.levels)):
        if sys.stderr.isatty():
            print(f"level {level}, {ISOLATION_NAMES[level]} ...", file=sys.stderr)
        try:
            outcomes[level] = campaign(level, attacks)
        except IsolationError as error:
            absent[level] = str(error)
    if options.json:
        json.dump({"outcomes": outcomes, "absent": absent}, sys.stdout)
        return 0
    import matrix

    return matrix.show(attacks, outcomes, absent, by_attack=options.all or bool(options.only))


if __name__ == "__main__":
    sys.exit(main())
