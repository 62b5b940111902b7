"""Returns a prompt of a hundred megabytes.

Tries: output
Expect in generate: raised, out of memory
Expect in score: value
Limit: 10
Gate: L2
"""

TAGS = ("attack",)
ORACLE = "equality"


def generate(rng, difficulty):
    return {"loot": "nothing"}


def prompt(state):
    return "x" * (100 << 20)


def reference(state):
    return state["loot"]


def score(state, answer):
    return 0.0
