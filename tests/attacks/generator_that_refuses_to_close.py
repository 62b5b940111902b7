"""Drops a generator that yields on when it is told to close.

A value: the interpreter complains to nobody, and goes on.

Tries: callbacks
Expect: value
Unconfined: value
Gate: L4
"""

TAGS = ("attack",)
ORACLE = "equality"


def stubborn():
    while True:
        try:
            yield
        except GeneratorExit:
            pass


def attack(port):
    return next(stubborn()) is not None


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
