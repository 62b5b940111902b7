"""Looks for descriptors other than its own result socket.

A value: writing nothing to each of the first 4096 finds number 3 alone.

Tries: files
Expect: value
Gate: L1
"""

import os

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    found = set()
    for number in range(4096):
        try:
            os.write(number, b"")
            found.add(number)
        except OSError:
            pass
    return not found <= {3}


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
