"""Starts threads without end.

Tries: processes
Expect: forbidden system call
Gate: L1
"""

import _thread

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    while True:
        _thread.start_new_thread(bytearray, (1 << 20,))


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
