"""Waits for ever for a lock that it holds.

Tries: time
Expect: out of wall time
Limit: 0.15
Gate: L1
"""

import _thread

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    lock = _thread.allocate_lock()
    lock.acquire()
    return lock.acquire()


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
