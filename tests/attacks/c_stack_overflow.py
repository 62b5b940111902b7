"""Exhausts the C stack with the repr of a deep list.

Tries: memory
Expect: crashed, raised, out of memory, out of CPU time, out of wall time
Limit: 0.2
Gate: L1
"""

import sys

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    sys.setrecursionlimit(2**31 - 1)
    deep = []
    for _ in range(1_000_000):
        deep = [deep]
    return not repr(deep)


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
