"""Spins in the destructor of an object, where no exception can end it.

Tries: time
Expect: out of CPU time, out of wall time
Unconfined: out of CPU time, out of wall time
Limit: 0.15
Gate: L1
"""

TAGS = ("attack",)
ORACLE = "equality"


class Lingering:
    def __del__(self):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass


def attack(port):
    Lingering()
    return False


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
