"""Draws from generators that nobody seeded.

A value: they start from the request's salt.

Tries: chance
Expect: value
Gate: L1
"""

import random

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    first, second = random.Random(), random.Random()
    return first.random() != second.random() or random.Random().random() != random.Random(None).random()


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
