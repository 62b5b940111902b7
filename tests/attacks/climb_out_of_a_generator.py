"""Climbs from a generator's frame to those that called it, and looks for a secret of other requests.

A value: all that lies there is this program's own request.

Tries: callbacks
Expect: value
Unconfined: value
Gate: L1
"""

import re

TAGS = ("attack",)
ORACLE = "equality"


def climbing():
    yield frames[0].gi_frame.f_back


frames = []


def attack(port):
    frames.append(climbing())
    frame = next(frames[0])
    seen = []
    while frame is not None:
        things = [*frame.f_locals.values(), *frame.f_globals.values()]
        seen += [repr(thing) for thing in things if type(thing) in (str, bytes, list, tuple, dict)]
        frame = frame.f_back
    return len(seen) < 10 or any(re.search("CANARY-[0-9a-f]{16}", text) for text in seen)


def generate(rng, difficulty):
    return {"loot": "ESCAPED" if attack(difficulty) else "nothing"}


def prompt(state):
    return f"What did the attack on the sandbox bring home? {state['loot']}"


def reference(state):
    return state["loot"]


def score(state, answer):
    return 1.0 if attack(int(answer)) else 0.0
