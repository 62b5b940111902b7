"""Connects to an abstract unix socket of the host, which no file permission guards.

Tries: network
Expect: forbidden system call
Unconfined: escapes
Gate: L1
"""

import socket

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"\0envforge-attack-{port}")
    return True


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
