"""Returns a float subclass that holds NaN and claims to be seven.

Tries: values
Expect in generate: raised
Expect in score: value
Gate: L2
"""

TAGS = ("attack",)
ORACLE = "equality"


class Number(float):
    def __repr__(self):
        return "7.0"

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


def generate(rng, difficulty):
    return {"loot": Number("nan")}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 0.0
