"""Writes that it loaded, and a result, while it is being loaded, and ends.

A value, where the claim is one: what comes before the program's first call is as much its own word as the rest.

Tries: frames
Expect in generate: value
Expect in score: forged result
Unconfined in generate: value
Unconfined in score: forged result
Gate: L1
"""

import json
import os

TAGS = ("attack",)
ORACLE = "equality"


def frame(value):
    data = json.dumps(value).encode()
    os.write(3, len(data).to_bytes(4, "big") + data)


frame({"loaded": True})
frame({"v": {"state": {}, "prompt": "A prompt of twenty characters.", "reference": "a claim"}})
os._exit(0)


def attack(port):
    return False


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
