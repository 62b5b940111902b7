"""The program that is run in every way that is compared. It is the benchmark's own, never anybody else's."""

from __future__ import annotations

from typing import Any

# Meant to cost about 0.1 ms; 0.08 ms for generate + prompt + reference and 0.05 ms for score where it was measured.
PROGRAM = '''"""Bench: the least sum of steps over a row of numbers.

A fixed program of about 0.1 ms per call.
"""

TAGS = ("dynamic-programming",)
ORACLE = "equality"


def generate(rng, difficulty):
    """A row of costs."""
    return {"costs": [rng.randint(1, 99) for _ in range(30 + 2 * difficulty)]}


def prompt(state):
    """The question."""
    return f"Going along {state['costs']} by steps of one to six, what is the least sum of numbers stepped on?"


def reference(state):
    """Dynamic program over positions."""
    best = [0] * 6
    for cost in state["costs"]:
        best = best[1:] + [cost + min(best)]
    for _ in range(4):
        best = sorted(best)
    total = 0
    for i in range(300):
        total += best[i % 6] * i % 7
    return str(best[0] + total % 10)


def score(state, answer):
    """Exact comparison."""
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
'''

NETWORKX_PROGRAM = PROGRAM.replace("\nTAGS", "\nimport networkx\n\nTAGS", 1)

# One call in an interpreter of its own: `generate SEED DIFFICULTY` or `score STATE ANSWER`.
SCRIPT = (
    PROGRAM
    + """
import json, random, sys
call, first, second = sys.argv[1:]
if call == "generate":
    state = generate(random.Random(int(first)), int(second))
    print(json.dumps([state, prompt(state), reference(state)]))
else:
    print(score(json.loads(first), second))
"""
)


def functions() -> dict[str, Any]:
    """The program's functions, in this process."""
    namespace: dict[str, Any] = {}
    exec(compile(PROGRAM, "<bench>", "exec"), namespace)
    return namespace
