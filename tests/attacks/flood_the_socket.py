"""Writes to the result socket without end.

Tries: output
Expect: too much output
Gate: L1
"""

import os

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    while True:
        os.write(3, b"x" * 65536)


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
