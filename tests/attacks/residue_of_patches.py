"""Replaces functions that every request uses, and looks whether they stay replaced.

A value: nothing of an earlier request may be found.

Tries: residue
Expect: value
Repeat: 6
Gate: L1
"""

import builtins
import json
import random
import struct

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    functions = (json.dumps, json.loads, random.Random, struct.unpack, builtins.len, builtins.isinstance)
    if any(hasattr(function, "replaced") for function in functions):
        return True
    for module, name in ((json, "dumps"), (json, "loads"), (struct, "unpack"), (builtins, "len")):
        setattr(module, name, replaced(getattr(module, name)))
    json.JSONEncoder.encode = replaced(json.JSONEncoder.encode)
    return False


def replaced(function):
    def wrapper(*arguments, **options):
        return function(*arguments, **options)

    wrapper.replaced = True
    return wrapper


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
