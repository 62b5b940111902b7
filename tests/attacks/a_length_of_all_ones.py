"""Announces as many bytes as a length can name.

Tries: frames
Expect: forged result
Unconfined: forged result
Gate: L1
"""

import os

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    os.write(3, b"\xff\xff\xff\xff" + b'{"v":1.0}')
    os._exit(0)


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
