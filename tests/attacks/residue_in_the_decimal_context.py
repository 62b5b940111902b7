"""Raises the precision of all decimals, and looks whether it was raised before.

A value: nothing of an earlier request may be found.

Tries: residue
Expect: value
Repeat: 6
Gate: L1
"""

import decimal

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    context = decimal.getcontext()
    context.prec += 1
    return context.prec > 29


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
