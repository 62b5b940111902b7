"""Counts its calls in an attribute of a function that it hands to another, and looks whether the count went on.

A value: nothing of an earlier request may be found.

Tries: residue
Expect: value
Repeat: 6
Gate: L3
"""

TAGS = ("attack",)
ORACLE = "equality"


def count(function):
    function.calls = getattr(function, "calls", 0) + 1
    return function.calls


def attack(port):
    return count(prompt) > 1


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
