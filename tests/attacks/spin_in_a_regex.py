"""Backtracks in a regular expression for longer than the universe lasts.

Tries: time
Expect: out of CPU time, out of wall time
Limit: 0.15
Gate: L2
"""

import re

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    return bool(re.match(r"(a+)+$", "a" * 60 + "b"))


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
