"""Reads the time of day from the C library.

A value, and the true time: on most machines this is no system call, so no filter sees it, and docs/sandbox.md
says so. What stops it is the policy of L1, and L3 behind it, since the value changes with every call.

Tries: chance
Expect: value
Unconfined: value
Gate: L1
"""

import ctypes

TAGS = ("attack",)
ORACLE = "equality"


def now():
    moment = (ctypes.c_long * 2)()
    ctypes.CDLL(None).clock_gettime(0, moment)
    return f"{moment[0]}.{moment[1]:09d}"


def generate(rng, difficulty):
    return {"loot": now()}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return float(now()[-1]) / 10
