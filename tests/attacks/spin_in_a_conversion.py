"""Converts a long integer to text, without the interpreter's limit on it.

Tries: time
Expect: out of CPU time, out of wall time
Limit: 0.15
Gate: L1
"""

import sys

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    sys.set_int_max_str_digits(0)
    return not str(1 << 40_000_000)


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
