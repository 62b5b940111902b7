"""Returns a dict that pretends to equal everything and shows other items to the encoder.

A value, where it is one: only the plain data that was encoded crosses over.

Tries: values
Expect in generate: value, raised
Expect in score: value
Gate: L1
"""

TAGS = ("attack",)
ORACLE = "equality"


class Liar(dict):
    __hash__ = None

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def items(self):
        return [("loot", "plain text after all")]


def generate(rng, difficulty):
    return Liar(loot=(1, 2))


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 0.0
