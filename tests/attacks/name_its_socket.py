"""Gives its result socket a name by which others could reach it.

Tries: network
Expect: forbidden system call
Unconfined: escapes
Gate: L1
"""

import ctypes
import sys

TAGS = ("attack",)
ORACLE = "equality"
NUMBER = 200 if "aarch64" in sys.implementation._multiarch else 49


def attack(port):
    address = b"\x01\x00\0escaped-" + str(id(port)).encode()
    return ctypes.CDLL(None).syscall(NUMBER, 3, address, len(address)) == 0


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
