"""Writes a well-formed result itself and ends with status 0.

A value: such a frame is a claim, no more than what the program might as well have returned.

Tries: frames
Expect: value
Gate: L1
"""

import json
import os

TAGS = ("attack",)
ORACLE = "equality"


def frame(text):
    data = text.encode()
    os.write(3, len(data).to_bytes(4, "big") + data)
    return False


def generate(rng, difficulty):
    claim = {"state": {"loot": "a claim"}, "prompt": "A prompt of twenty characters.", "reference": "a claim"}
    frame(json.dumps({"v": claim}))
    os._exit(0)


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    frame('{"v":0.5}')
    os._exit(0)
