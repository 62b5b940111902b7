"""Connects to the socket of the Docker engine, whose users are as good as root.

Tries: network
Expect: forbidden system call
Gate: L1
"""

import socket

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect("/var/run/docker.sock")
    return True


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
