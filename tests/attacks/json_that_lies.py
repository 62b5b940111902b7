"""Replaces the functions by which its caller writes and reads JSON.

What they write is a claim like any other, and the host reads it with functions of its own.

Tries: patches
Expect in generate: forged result
Expect in score: value
Unconfined in generate: forged result
Unconfined in score: value
Gate: L1
"""

import sys

TAGS = ("attack",)
ORACLE = "equality"
STATE = {"loot": "nothing"}


def write(thing, **options):
    return '{"loot":1e999}' if thing == STATE else '"A text of twenty characters."'


def read(text):
    return STATE


def attack():
    frame = sys._getframe()
    while "_score" not in frame.f_globals:
        frame = frame.f_back
    replaced = {"_encode": write, "_encode_finite": write, "_decode": read}
    if not set(replaced) <= set(frame.f_globals):
        raise LookupError("the caller has other names for them now")
    frame.f_globals.update(replaced)


def generate(rng, difficulty):
    attack()
    return STATE


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    attack()
    STATE["loot"] = state["loot"] = "something else"
    return 0.0
