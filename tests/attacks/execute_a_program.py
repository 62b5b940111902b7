"""Becomes /bin/true: an exit status of 0 without any result.

Tries: processes
Expect: forbidden system call
Unconfined: forged result
Gate: L1
"""

import ctypes
import sys

TAGS = ("attack",)
ORACLE = "equality"
NUMBER = 221 if "aarch64" in sys.implementation._multiarch else 59


def attack(port):
    return ctypes.CDLL(None).syscall(NUMBER, b"/bin/true", (ctypes.c_char_p * 2)(b"true", None), None) == 0


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
