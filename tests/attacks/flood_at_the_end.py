"""Writes a little more than its results may hold, and ends at once.

The supervisor learns of the end while most of the flood still waits in the socket.

Tries: output
Expect: too much output, forged result
Gate: L1
"""

import os

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    left = 3 * 256 * 1024 + 1000
    while left > 0:
        left -= os.write(3, bytes(65536))
    os._exit(0)


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
