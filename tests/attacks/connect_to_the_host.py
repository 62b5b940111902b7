"""Connects to a server that listens on the host's loopback.

Tries: network
Expect: forbidden system call
Unconfined: escapes
Gate: L1
"""

import socket

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    with socket.socket() as client:
        client.connect(("127.0.0.1", port))
    return True


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
