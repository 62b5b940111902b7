"""Traces and profiles every function that runs after it.

A value: the tracer sees only the encoding of this program's own result.

Tries: patches
Expect: value
Gate: L1
"""

import sys

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    def tracer(frame, event, argument):
        seen.append(str(frame.f_locals))
        return tracer

    seen = []
    sys.settrace(tracer)
    sys.setprofile(tracer)
    return False


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
