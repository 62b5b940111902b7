"""Returns an int subclass that shows another number than it holds.

A value: only the plain data that was encoded crosses over.

Tries: values
Expect: value
Gate: L1
"""

TAGS = ("attack",)
ORACLE = "equality"


class Number(int):
    def __repr__(self):
        return "1e999"

    def __str__(self):
        return "NaN"

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


def generate(rng, difficulty):
    return {"loot": Number(7)}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return str(int(state["loot"]))


def score(state, answer):
    return 0.0
