"""Writes a number that overflows to infinity, though it is good JSON.

Tries: frames
Expect: forged result
Gate: L1
"""

import os

TAGS = ("attack",)
ORACLE = "equality"


def frame(text):
    data = text.encode()
    os.write(3, len(data).to_bytes(4, "big") + data)
    return False


def attack(port):
    frame('{"v":{"state":{"n":1e999},"prompt":"A prompt of twenty characters.","reference":"1"}}')
    os._exit(0)


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
