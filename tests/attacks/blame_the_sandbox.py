"""Ends with the status by which the sandbox tells of its own failure.

Tries: frames
Expect: crashed
Gate: L1
"""

import os

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    os._exit(70)


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
