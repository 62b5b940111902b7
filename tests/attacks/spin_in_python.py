"""Spins in the interpreter.

Tries: time
Expect: out of CPU time, out of wall time
Limit: 0.15
Gate: L2
"""

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    while True:
        pass


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
