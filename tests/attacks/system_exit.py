"""Raises SystemExit.

Tries: callbacks
Expect: raised
Gate: L1
"""

import sys

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    sys.exit(0)


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
