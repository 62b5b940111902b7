"""Raises an exception whose message and type name raise too.

Tries: callbacks
Expect: raised, crashed
Gate: L1
"""

TAGS = ("attack",)
ORACLE = "equality"


class Meta(type):
    @property
    def __name__(cls):
        raise ValueError


class Evil(Exception, metaclass=Meta):
    def __str__(self):
        raise ValueError


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
