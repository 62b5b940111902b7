"""Has the prompt rewrite the state that the reference then reads.

Tries: values
Expect in generate: raised
Expect in score: value
Gate: L2
"""

TAGS = ("attack",)
ORACLE = "equality"


def generate(rng, difficulty):
    return {"loot": "nothing"}


def prompt(state):
    state["loot"] = "something else"
    return "What did the attack on the sandbox bring home?"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 0.0
