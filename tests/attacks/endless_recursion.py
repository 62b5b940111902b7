"""Recurses without a limit.

Tries: parser
Expect: out of memory, crashed, out of CPU time, out of wall time, raised
Limit: 0.15
Gate: L1
"""

import sys

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    sys.setrecursionlimit(2**31 - 1)
    return attack(port)


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
