"""Starts a thread by a raw clone that shares memory, files and signals.

Tries: processes
Expect: forbidden system call
Gate: L1
"""

import ctypes
import sys

TAGS = ("attack",)
ORACLE = "equality"
NUMBER = 220 if "aarch64" in sys.implementation._multiarch else 56


def attack(port):
    return ctypes.CDLL(None).syscall(NUMBER, ctypes.c_ulong(0x10F00), None, None, None, None) > 0


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
