"""Seeds the generator that all share, and looks whether it was seeded before.

A value: nothing of an earlier request may be found.

Tries: residue
Expect: value
Repeat: 6
Gate: L1
"""

import random

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    seeded = random.getstate() == random.Random(port).getstate()
    random.seed(port)
    return seeded


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
