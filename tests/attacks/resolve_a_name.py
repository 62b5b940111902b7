"""Asks the network for the address of a name.

Tries: network
Expect: forbidden system call, raised
Gate: L1
"""

import socket

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    return bool(socket.getaddrinfo("example.org", 80))


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
