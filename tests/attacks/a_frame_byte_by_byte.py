"""Writes a result byte by byte, with work between.

A value: slowness is no crime as long as the time suffices, and a claim is only a claim.

Tries: frames
Expect: value
Unconfined: value
Gate: L1
"""

import json
import os

TAGS = ("attack",)
ORACLE = "equality"


def slowly(claim):
    data = json.dumps({"v": claim}).encode()
    for byte in len(data).to_bytes(4, "big") + data:
        os.write(3, bytes([byte]))
        sum(range(2000))
    os._exit(0)


def generate(rng, difficulty):
    state = {"loot": "a claim"}
    slowly({"state": state, "prompt": "A prompt of twenty characters.", "reference": "a claim"})


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    slowly(0.5)
