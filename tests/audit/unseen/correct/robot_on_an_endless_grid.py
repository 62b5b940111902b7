"""Robot: where a robot stands after turns and steps, with coordinates that may be negative.

The brackets are free; exchanged coordinates or a lost sign are refused.
"""

import re

TAGS = ("simulation", "geometry")
ORACLE = "equality"


def generate(rng, difficulty):
    moves = [[rng.choice(["left", "right"]), rng.randint(1, 15)] for _ in range(4 + 2 * difficulty)]
    return {"start": [rng.randint(-9, 9), rng.randint(-9, 9)], "moves": moves}


def prompt(state):
    moves = "; ".join(f"turns {turn} and goes {steps}" for turn, steps in state["moves"])
    x, y = state["start"]
    return (
        f"A robot stands at x = {x}, y = {y} of an endless grid and looks north, the way in which y grows; x grows to the east. Then it {moves} "
        "steps in its new direction (all numbers are steps). Where is it? Write x, a comma and y; round brackets around them are allowed."
    )


def _end(state):
    x, y = state["start"]
    dx, dy = 0, 1
    for turn, steps in state["moves"]:
        dx, dy = (-dy, dx) if turn == "left" else (dy, -dx)
        x, y = x + steps * dx, y + steps * dy
    return x, y


def reference(state):
    x, y = _end(state)
    return f"{x}, {y}"


def score(state, answer):
    number = r"\s*([+-]?\d{1,6})\s*"
    match = re.fullmatch(rf"\({number},{number}\)|{number},{number}", answer.strip(), re.ASCII)
    if match is None:
        return 0.0
    return 1.0 if tuple(int(part) for part in match.groups() if part is not None) == _end(state) else 0.0
