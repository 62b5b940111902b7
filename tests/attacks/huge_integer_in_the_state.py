"""Returns an integer of 5000 digits, too long for the host to read.

Tries: values
Expect in generate: raised
Expect in score: value
Gate: L2
"""

TAGS = ("attack",)
ORACLE = "equality"


def generate(rng, difficulty):
    return {"loot": 10**5000}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 0.0
