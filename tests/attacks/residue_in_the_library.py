"""Widens the separators of all JSON a little with every call, and looks whether they were widened before.

A value: nothing of an earlier request may be found.

Tries: residue
Expect: value
Repeat: 6
Gate: L3
"""

import json

TAGS = ("attack",)
ORACLE = "equality"


def widen(encoder):
    encoder.item_separator += " "
    return len(encoder.item_separator)


def attack(port):
    return widen(json.JSONEncoder) > 3


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
