"""Sends SIGKILL to its process group, the zygote among it.

Tries: signals
Expect: forbidden system call
Gate: L1
"""

import ctypes
import sys

TAGS = ("attack",)
ORACLE = "equality"
NUMBER = 129 if "aarch64" in sys.implementation._multiarch else 62


def attack(port):
    return ctypes.CDLL(None).syscall(NUMBER, 0, 9) == 0


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
