"""Asks its result socket who sits at the other end.

Tries: network
Expect: forbidden system call
Unconfined: escapes
Gate: L1
"""

import ctypes
import sys

TAGS = ("attack",)
ORACLE = "equality"
NUMBER = 209 if "aarch64" in sys.implementation._multiarch else 55


def attack(port):
    credentials = (ctypes.c_int * 3)()
    return ctypes.CDLL(None).syscall(NUMBER, 3, 1, 17, credentials, ctypes.byref(ctypes.c_int(12))) == 0


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
