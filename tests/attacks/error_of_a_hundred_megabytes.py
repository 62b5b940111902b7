"""Raises an exception with a message of a hundred megabytes.

Tries: output
Expect: raised
Unconfined: raised
Gate: L2
"""

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    raise ValueError("x" * (100 << 20))


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
