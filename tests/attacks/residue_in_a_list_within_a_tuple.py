"""Counts its calls in a list that hides in a constant tuple, and looks whether the count went on.

A value: nothing of an earlier request may be found.

Tries: residue
Expect: value
Repeat: 6
Gate: L3
"""

TAGS = ("attack",)
ORACLE = "equality"


BOX = ([],)


def attack(port):
    (calls,) = BOX
    calls.append(port)
    return len(calls) > 1


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
