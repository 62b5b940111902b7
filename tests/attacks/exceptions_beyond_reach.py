"""Replaces the exception that the caller catches, and raises another.

Tries: patches
Expect: crashed, forbidden system call
Unconfined: crashed
Gate: L1
"""

import builtins

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    builtins.BaseException = builtins.Exception = KeyError
    raise ValueError


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
