"""Returns the order of a set of texts, which changes with the hash seed.

A value: every process has the hash seed that the host gave it. L3 gives it others.

Tries: chance
Expect: value
Gate: L3
"""

TAGS = ("attack",)
ORACLE = "equality"


def generate(rng, difficulty):
    return {"loot": "".join({chr(97 + n) for n in range(20)})}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 0.0
