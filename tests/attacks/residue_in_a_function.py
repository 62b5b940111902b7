"""Counts its calls in an attribute of a function, and looks whether the count went on.

A value: nothing of an earlier request may be found.

Tries: residue
Expect: value
Repeat: 6
Gate: L1
"""

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    attack.calls = getattr(attack, "calls", 0) + 1
    return attack.calls > 1


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
