"""Writes half a frame and waits for ever.

Tries: frames
Expect: out of wall time
Unconfined: out of wall time
Limit: 0.15
Gate: L1
"""

import _thread
import os

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    os.write(3, b"\0\0\0\x09" + b'{"v":')
    lock = _thread.allocate_lock()
    lock.acquire()
    return lock.acquire()


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
