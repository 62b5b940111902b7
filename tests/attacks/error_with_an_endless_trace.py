"""Raises an exception whose traceback leads in a circle.

Tries: callbacks
Expect: out of CPU time, out of wall time
Limit: 0.15
Gate: L1
"""

TAGS = ("attack",)
ORACLE = "equality"


class Circle:
    @property
    def tb_next(self):
        return self

    @property
    def tb_frame(self):
        return self

    @property
    def f_code(self):
        return self

    co_filename = "a file of nobody"


class Evil(Exception):
    __traceback__ = Circle()


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
