"""Nests a million iterators and asks the outermost, which recurses in C without any check.

Tries: memory
Expect: crashed, out of CPU time, out of wall time, out of memory
Limit: 1
Gate: L2
"""

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    nested = iter((port,))
    for _ in range(1_000_000):
        nested = map(int, nested)
    return next(nested) < 0


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
