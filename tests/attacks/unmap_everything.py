"""Unmaps all of its own memory.

Tries: memory
Expect: crashed
Unconfined: crashed
Gate: L1
"""

import ctypes

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    libc = ctypes.CDLL(None)
    return libc.munmap(None, ctypes.c_size_t((1 << 47) - 4096)) == 0


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
