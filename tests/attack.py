"""The attacks of tests/attacks: how a file is read, how it is called and what its outcome is called.

An attack is an environment program. Its docstring says what is expected of it, one line each:

- `Tries: CATEGORY`, one of `CATEGORIES`.
- `Expect: VERDICT, ...`, or `Expect in generate:` and `Expect in score:` where they differ. A verdict is a
  `Status`, or "value" for a return value that gives nothing away.
- `Unconfined: VERDICT, ...`, likewise: what comes of it at level 0, with resource limits only ("escapes" if it gets
  through). It is also the permission to run it there, so it stands in harmless attacks alone.
- `Gate: STAGE`: where the gates reject it when it is proposed as an environment.
- `State: JSON` and `Answer: TEXT`: what score is handed instead of the usual state and the server's port.
- `Limit: SECONDS`: CPU time per call, for attacks that use all of it. `Repeat: N`: so many rounds.

Whoever gets through returns the state {"loot": "ESCAPED"} or the score 1.0. The port of a server on the host's
loopback is handed in as the difficulty and as the answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from envforge.contract import Flavour, Oracle, Program, content_id
from envforge.sandbox import Failure, Reply, Request, calls

ATTACKS = Path(__file__).parent / "attacks"
OPERATIONS = {"generate": "instance", "score": "score"}

CATEGORIES = {
    "files": "folders, /proc, descriptors",
    "network": "sockets of every family",
    "processes": "fork, exec, threads",
    "signals": "timers, tracing, foreign memory",
    "privileges": "users, namespaces, limits",
    "kernel": "rarely used doors of the kernel",
    "memory": "heap, stack, mappings, code",
    "time": "CPU time and waiting",
    "frames": "forged and malformed results",
    "output": "floods and oversized results",
    "values": "returned values that lie",
    "patches": "replaced built-ins and callers",
    "callbacks": "destructors, coroutines, errors",
    "parser": "parser bombs, deep recursion",
    "residue": "traces of other requests",
    "chance": "clocks, hash seeds, randomness",
    "answers": "hostile answers to scorers",
}
LIMIT_SECONDS = 2.0  # of CPU time per call, where an attack asks for no other
LINE = re.compile(
    r"^(Tries|Expect|Unconfined|Gate|State|Answer|Limit|Repeat)( in generate| in score)?: (.+)$", re.MULTILINE
)


@dataclass(frozen=True)
class Attack:
    """One file of tests/attacks. `expected` and `unconfined` map "generate" and "score" to verdicts."""

    name: str
    source: str
    category: str
    expected: dict[str, frozenset[str]]
    unconfined: dict[str, frozenset[str]]  # empty: not to be run at level 0
    gate: str
    state: str
    answer: str | None
    limit: float
    repeat: int

    @property
    def title(self) -> str:
        return self.source.partition("\n")[0].removeprefix('"""')


def load(path: Path) -> Attack:
    """The attack in one file. Raises KeyError when it does not say what it tries, expects or where it is rejected."""
    source = path.read_text("utf-8")
    lines = {key + where: text for key, where, text in LINE.findall(source)}
    expected, unconfined = {}, {}
    for function in OPERATIONS:
        verdicts = lines.get(f"Expect in {function}") or lines["Expect"]
        expected[function] = frozenset(verdicts.split(", "))
        alone = lines.get(f"Unconfined in {function}") or lines.get("Unconfined")
        if alone is not None:
            unconfined[function] = frozenset(alone.split(", "))
    return Attack(
        name=path.stem,
        source=source,
        category=lines["Tries"],
        expected=expected,
        unconfined=unconfined,
        gate=lines["Gate"],
        state=lines.get("State", '{"loot": "nothing"}'),
        answer=lines.get("Answer"),
        limit=float(lines.get("Limit", LIMIT_SECONDS)),
        repeat=int(lines.get("Repeat", 1)),
    )


def load_all(folder: Path = ATTACKS) -> list[Attack]:
    """All attacks, by name."""
    return [load(path) for path in sorted(folder.glob("*.py"))]


def program(source: str, flavour: Flavour = Flavour.BARE) -> Program:
    """A Program around any source, for calls that skip the static policy."""
    return Program(content_id(source), source, "", ("attack",), Oracle.EQUALITY, 9, flavour, "", frozenset())


def request_for(attack: Attack, function: str, port: int) -> Request:
    """The call that makes `attack` attack in "generate" or in "score"."""
    if function == "generate":
        items, states = [[1, port]], []
    else:
        items, states = [[0, attack.answer or str(port)]], [attack.state]
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
