"""Returns a list subclass that shows other items than it holds.

A value: only the plain data that was encoded crosses over.

Tries: values
Expect: value
Gate: L4
"""

TAGS = ("attack",)
ORACLE = "equality"


class Items(list):
    __hash__ = None

    def __iter__(self):
        return iter(["something else"])

    def __len__(self):
        return 0

    def __eq__(self, other):
        return True


def generate(rng, difficulty):
    return {"loot": Items(["nothing", ("a", "tuple")])}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return str(len(state["loot"]))


def score(state, answer):
    return 0.0
