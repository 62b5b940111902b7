"""Returns a dict whose items never end.

Tries: values
Expect in generate: raised, out of memory, out of CPU time, out of wall time
Expect in score: value
Limit: 0.3
Gate: L2
"""

import itertools

TAGS = ("attack",)
ORACLE = "equality"


class Endless(dict):
    def items(self):
        return itertools.repeat(("loot", "nothing"))


def generate(rng, difficulty):
    return Endless(loot="nothing")


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 0.0
