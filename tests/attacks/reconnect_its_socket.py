"""Connects its result socket to a server of its own choice.

Tries: network
Expect: forbidden system call
Gate: L1
"""

import ctypes
import sys

TAGS = ("attack",)
ORACLE = "equality"
NUMBER = 203 if "aarch64" in sys.implementation._multiarch else 42


def attack(port):
    address = b"\x01\x00\0envforge-attack-" + str(port).encode()
    return ctypes.CDLL(None).syscall(NUMBER, 3, address, len(address)) == 0


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
