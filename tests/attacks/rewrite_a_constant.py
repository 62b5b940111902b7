"""Overwrites, in the code of its caller, the number that no score may exceed.

The host knows the bound too, out of reach.

Tries: patches
Expect in generate: value
Expect in score: forged result
Unconfined in generate: value
Unconfined in score: forged result
Gate: L1
"""

import ctypes
import sys

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    frame = sys._getframe()
    while "_score" not in frame.f_globals:
        frame = frame.f_back
    for constant in frame.f_globals["_score"].__code__.co_consts:
        if type(constant) is float and constant == 1.0:
            ctypes.c_double.from_address(id(constant) + 16).value = 1e6


def generate(rng, difficulty):
    attack(difficulty)
    return {"loot": "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    attack(int(answer))
    return 1000.0
