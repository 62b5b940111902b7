"""Asks for eight gigabytes at once.

Expect: out of memory
"""

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    return len(bytearray(8 << 30)) > 0


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
