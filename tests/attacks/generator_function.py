"""Makes generate and score generator functions.

Tries: callbacks
Expect in generate: raised
Expect in score: raised
Gate: L1
"""

TAGS = ("attack",)
ORACLE = "equality"


def generate(rng, difficulty):
    yield {"loot": "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    yield 1.0
