"""Replaces a method of `str` itself, past the lock that Python puts on it.

Tries: patches
Expect: forged result
Unconfined: forged result
Gate: L1
"""

import ctypes
import gc

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    methods = gc.get_referents(str.__dict__)[0]
    methods["encode"] = lambda *arguments: b'{"v":1000.0}'
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(str))
    return False


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
