"""Has JSON nested a hundred thousand deep read.

Tries: parser
Expect: raised, crashed, out of memory, out of CPU time, out of wall time
Limit: 0.3
Gate: L2
"""

import json

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    return not json.loads("[" * 100_000 + "]" * 100_000)


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
