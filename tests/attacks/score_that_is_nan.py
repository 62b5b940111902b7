"""Returns NaN as a score, which compares false with every bound.

Expect in generate: value
Expect in score: raised
"""

TAGS = ("attack",)
ORACLE = "equality"


def generate(rng, difficulty):
    return {"loot": "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return float("nan")
