"""Returns a reference that is a str subclass and equals every answer.

Tries: values
Expect in generate: raised
Expect in score: value
Gate: L2
"""

TAGS = ("attack",)
ORACLE = "equality"


class Text(str):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


def generate(rng, difficulty):
    return {"loot": "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return Text("nothing")


def score(state, answer):
    return 0.0
