"""Returns a state nested deeper than the decoder goes.

Tries: values
Expect in generate: raised, crashed
Expect in score: value
Gate: L2
"""

TAGS = ("attack",)
ORACLE = "equality"


def generate(rng, difficulty):
    deep = {}
    for _ in range(100_000):
        deep = {"loot": deep}
    return deep


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 0.0
