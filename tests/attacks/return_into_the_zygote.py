"""Takes the caller's exit away, so that it returns into the code of the zygote that made it.

Tries: patches
Expect: forbidden system call, crashed
Gate: L1
"""

import sys

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    frame = sys._getframe()
    while frame is not None:
        if "_exit" in frame.f_globals:
            frame.f_globals["_exit"] = lambda status: None
        frame = frame.f_back
    return False


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
