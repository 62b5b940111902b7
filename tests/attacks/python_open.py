"""Reads a file with what `random` imported.

Tries: files
Expect: raised
Unconfined: escapes
Gate: L1
"""

import random

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    return random._os.open("/etc/passwd", 0) >= 0


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
