"""Returns the address of an object.

A value: addresses change from one interpreter to the next, and L3 asks several.

Tries: chance
Expect: value
Gate: L3
"""

TAGS = ("attack",)
ORACLE = "equality"


def generate(rng, difficulty):
    return {"loot": str(object())}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 0.0
