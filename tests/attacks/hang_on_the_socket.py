"""Waits for ever for another request, its timers switched off.

Tries: time
Expect: out of wall time
Limit: 0.15
Gate: L1
"""

import os
import signal

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    signal.setitimer(signal.ITIMER_REAL, 0)
    return os.read(3, 1) != b""


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
