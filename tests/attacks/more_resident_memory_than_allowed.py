"""Touches a little more than the 512 MiB that a program may have, and returns.

The address space has headroom for the interpreter; the peak that the kernel measured is what counts.

Tries: memory
Expect in generate: out of memory
Expect in score: value
Limit: 10
Gate: L2
"""

TAGS = ("attack",)
ORACLE = "equality"


def attack(port):
    return len(bytearray(b"x") * (530 << 20)) > 0


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 0.0
