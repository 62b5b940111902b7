"""Returns a dict that shows other items every time it is read.

Tries: values
Expect in generate: raised
Expect in score: value
Gate: L2
"""

TAGS = ("attack",)
ORACLE = "equality"


class Fickle(dict):
    def __init__(self):
        super().__init__(loot="nothing")
        self.reads = 0

    def items(self):
        self.reads += 1
        return [("loot", "nothing"), ("reads", self.reads)]


def generate(rng, difficulty):
    return Fickle()


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 0.0
