"""Returns a state a little larger than the host takes.

Tries: values
Expect in generate: raised
Expect in score: value
Gate: L2
"""

TAGS = ("attack",)
ORACLE = "equality"


def generate(rng, difficulty):
    return {"loot": "x" * (64 << 10)}


def prompt(state):
    return "What did the attack on the sandbox bring home?"


def reference(state):
    return "nothing"


def score(state, answer):
    return 0.0
