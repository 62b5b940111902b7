"""Returns a prompt larger than a result may be.

Tries: output
Expect in generate: raised
Expect in score: value
Gate: L2
"""

TAGS = ("attack",)
ORACLE = "equality"


def generate(rng, difficulty):
    return {"loot": "nothing"}


def prompt(state):
    return "x" * 300_000


def reference(state):
    return state["loot"]


def score(state, answer):
    return 0.0
