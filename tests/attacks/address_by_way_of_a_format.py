"""Reads its way into the interpreter by a format that is put together at run time.

A value: a format gives texts, never things, and nothing of other requests is there. Addresses are, which L3 sees.

Tries: chance
Expect: value
Gate: L3
"""

TAGS = ("attack",)
ORACLE = "equality"


def generate(rng, difficulty):
    line = "_" * 2
    return {"loot": ("{0." + line + "globals" + line + "}").format(reference)}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return "nothing"


def score(state, answer):
    return 0.0
