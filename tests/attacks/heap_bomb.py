"""Allocates and touches memory without end.

Expect: out of memory, crashed
"""

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    blocks = []
    while True:
        blocks.append(bytearray(b"x") * (8 << 20))


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
