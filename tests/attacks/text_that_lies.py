"""Returns a str subclass, as a value and as a key, that equals everything.

Tries: values
Expect in generate: raised
Expect in score: value
Gate: L1
"""

TAGS = ("attack",)
ORACLE = "equality"


class Text(str):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __str__(self):
        return "ESCAPED"

    def encode(self, *arguments):
        return b"ESCAPED"


def generate(rng, difficulty):
    return {Text("loot"): Text("nothing")}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 0.0
