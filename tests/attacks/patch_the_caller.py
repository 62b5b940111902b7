"""Replaces the functions of the process that calls it, and looks whether they stay replaced.

A value: what the patched caller then writes is a claim like any other, and the process is gone afterwards.

Tries: patches
Expect: value
Repeat: 6
Gate: L1
"""

import functools
import sys

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    frame = sys._getframe()
    while "_score" not in frame.f_globals:
        frame = frame.f_back
    caller = frame.f_globals
    if isinstance(caller["_score"], functools.partial):
        return True
    for name in ("_instance", "_describe", "_score", "_send"):
        caller[name] = functools.partial(caller[name])
    return False


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
