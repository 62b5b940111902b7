"""Blames the sandbox while it is loaded.

Tries: frames
Expect: crashed
Unconfined: crashed
Gate: L1
"""

import os

TAGS = ("attack",)
ORACLE = "equality"


def frame(text):
    data = text.encode()
    os.write(3, len(data).to_bytes(4, "big") + data)


frame('{"fault":"not me"}')
os._exit(70)


def attack(port):
    return False


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
