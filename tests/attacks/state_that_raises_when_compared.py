"""Returns a dict that ends the process when it is compared.

Tries: values
Expect in generate: raised
Expect in score: value
Gate: L1
"""

TAGS = ("attack",)
ORACLE = "equality"


class Trap(dict):
    __hash__ = None

    def __eq__(self, other):
        raise SystemExit(0)

    __ne__ = __eq__


def generate(rng, difficulty):
    return Trap(loot="nothing")


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 0.0
