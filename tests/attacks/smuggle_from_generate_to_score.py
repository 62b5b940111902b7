"""Leaves the answer where the scorer would find it.

A value: generate and score never share a process.

Tries: residue
Expect: value
Repeat: 3
Gate: L1
"""

import builtins
import sys

TAGS = ("attack",)
ORACLE = "equality"


def generate(rng, difficulty):
    builtins.answer = sys.answer = "42"
    return {"loot": "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if hasattr(builtins, "answer") or hasattr(sys, "answer") else 0.0
