"""Allocates and touches memory without end.

Tries: memory
Expect in generate: out of memory, crashed
Expect in score: value
Limit: 10
Gate: L2
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
    return 0.0
