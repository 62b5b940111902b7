"""Asks for a quotient with as many digits as a decimal may have.

Tries: memory
Expect: out of memory
Gate: L2
"""

import decimal

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    context = decimal.Context(prec=decimal.MAX_PREC)
    return context.divide(decimal.Decimal(1), decimal.Decimal(3)) == 0


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
