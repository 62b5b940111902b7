"""Fills a cache of the library, and looks whether it was filled before.

A value: nothing of an earlier request may be found.

Tries: residue
Expect: value
Repeat: 6
Gate: L1
"""

import functools

TAGS = ("attack",)
ORACLE = "equality"


@functools.cache
def remembered(number):
    return number


def attack(port):
    filled = remembered.cache_info().misses > 0
    remembered(port)
    return filled


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
