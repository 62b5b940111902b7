"""Leaves a mark in every module, and looks for one left by an earlier request.

A value: nothing of an earlier request may be found.

Tries: residue
Expect: value
Repeat: 6
Gate: L1
"""

import sys

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    modules = [module for module in sys.modules.values() if type(module) is type(sys)]
    if any(hasattr(module, "mark") for module in modules):
        return True
    for module in modules:
        module.mark = True
    return False


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
