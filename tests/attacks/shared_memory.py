"""Makes a System V shared memory segment, to talk to another child.

Tries: kernel
Expect: forbidden system call
Gate: L1
"""

import ctypes
import sys

TAGS = ("attack",)
ORACLE = "equality"
NUMBER = 194 if "aarch64" in sys.implementation._multiarch else 29


def attack(port):
    return ctypes.CDLL(None).syscall(NUMBER, 0, ctypes.c_size_t(4096), 0o1600) >= 0


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
