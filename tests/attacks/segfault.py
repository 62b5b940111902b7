"""Reads address zero.

Tries: memory
Expect: crashed
Gate: L1
"""

import ctypes

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    return ctypes.string_at(0) == b""


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
