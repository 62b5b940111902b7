"""Counts its calls in a class attribute, and looks whether the count went on.

A value: nothing of an earlier request may be found.

Tries: residue
Expect: value
Repeat: 6
Gate: L1
"""

TAGS = ("attack",)
ORACLE = "equality"


class Counter:
    calls = 0


def attack(port):
    Counter.calls += 1
    return Counter.calls > 1


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
