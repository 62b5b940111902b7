"""Prints without end on both standard streams.

They are closed in a child, so the first line fails.

Tries: output
Expect: raised
Unconfined: raised
Gate: L1
"""

import sys

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    while True:
        print("x" * 65536, flush=True)
        print("x" * 65536, file=sys.stderr, flush=True)


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
