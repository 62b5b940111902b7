"""Returns a str subclass whose methods lie.

Tries: values
Expect in generate: raised
Expect in score: value
Gate: L2
"""

TAGS = ("attack",)
ORACLE = "equality"


class Text(str):
    def __len__(self):
        return 1000

    def strip(self, characters=None):
        return self


def generate(rng, difficulty):
    return {"loot": "nothing"}


def prompt(state):
    return Text("short")


def reference(state):
    return state["loot"]


def score(state, answer):
    return 0.0
