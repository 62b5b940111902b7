"""Installs a second filter by prctl, one that allows everything.

Tries: privileges
Expect: forbidden system call
Gate: L1
"""

import ctypes
import sys

TAGS = ("attack",)
ORACLE = "equality"
NUMBER = 167 if "aarch64" in sys.implementation._multiarch else 157


def attack(port):
    allow = (ctypes.c_uint64 * 1)(0x7FFF000000000006)
    program = (ctypes.c_size_t * 2)(1, ctypes.addressof(allow))
    return (
        ctypes.CDLL(None).syscall(
            NUMBER, 22, ctypes.c_ulong(2), program, ctypes.c_ulong(0), ctypes.c_ulong(0)
        )
        == 0
    )


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
