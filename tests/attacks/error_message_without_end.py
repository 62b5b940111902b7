"""Raises an exception whose message is never finished.

Tries: callbacks
Expect: out of CPU time, out of wall time
Limit: 0.15
Gate: L1
"""

TAGS = ("attack",)
ORACLE = "equality"


class Evil(Exception):
    def __str__(self):
        return "".join(iter(lambda: "", "never"))


def attack(port):
    raise Evil


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
