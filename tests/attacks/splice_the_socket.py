"""Moves what waits in its result socket by splice, past every buffer.

Tries: files
Expect: forbidden system call
Gate: L1
"""

import ctypes
import sys

TAGS = ("attack",)
ORACLE = "equality"
NUMBER = 76 if "aarch64" in sys.implementation._multiarch else 275


def attack(port):
    return ctypes.CDLL(None).syscall(NUMBER, 3, None, 3, None, ctypes.c_size_t(4096), 2) >= 0


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
