"""Returns a float subclass that compares as it likes.

Tries: values
Expect in generate: value
Expect in score: raised
Gate: L1
"""

TAGS = ("attack",)
ORACLE = "equality"


class Number(float):
    def __le__(self, other):
        return True

    def __ge__(self, other):
        return True

    def __repr__(self):
        return "1.0"


def generate(rng, difficulty):
    return {"loot": "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return Number(1000.0)
