"""Raises an exception whose message is a str subclass that turns into something else.

Tries: callbacks
Expect: forged result
Unconfined: forged result
Gate: L1
"""

TAGS = ("attack",)
ORACLE = "equality"


class Message(str):
    def __getitem__(self, index):
        return self

    def encode(self, *arguments):
        return self

    def decode(self, *arguments):
        return {"v": 1.0}


class Evil(Exception):
    def __str__(self):
        return Message("harmless")


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
