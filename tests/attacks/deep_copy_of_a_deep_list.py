"""Copies a list nested a hundred thousand deep.

Tries: parser
Expect: raised, crashed, out of memory, out of CPU time, out of wall time
Limit: 0.3
Gate: L2
"""

import copy

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    return not copy.deepcopy(deep)


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
