"""Asks the C library to ignore segmentation faults.

Tries: signals
Expect: forbidden system call
Unconfined: escapes
Gate: L1
"""

import ctypes

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    libc = ctypes.CDLL(None)
    libc.signal.restype = ctypes.c_void_p
    return libc.signal(11, ctypes.c_void_p(1)) != ctypes.c_void_p(-1).value


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
