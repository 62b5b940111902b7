"""Draws numbers from one iterator for all calls, and looks whether some are gone.

A value: nothing of an earlier request may be found.

Tries: residue
Expect: value
Repeat: 6
Gate: L1
"""

TAGS = ("attack",)
ORACLE = "equality"


NUMBERS = iter(range(1_000_000))


def attack(port):
    return next(NUMBERS) > 0


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
