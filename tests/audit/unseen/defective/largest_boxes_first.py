# audit: label-contradicted
"""Boxes: the fewest boxes that hold a number of eggs exactly.

Defect: the reference takes the largest boxes first, which is not the least with boxes such as 1, 7 and 10.
"""

import re

TAGS = ("optimization", "change-making")
ORACLE = "equality"


def generate(rng, difficulty):
    large = rng.randint(12, 16 + difficulty)
    middle = rng.randint(large // 2 + 1, large - 2)
    return {"boxes": [1, middle, large], "eggs": rng.randint(30 + 20 * difficulty, 60 + 40 * difficulty)}


def prompt(state):
    one, two, three = state["boxes"]
    return (
        f"Eggs are packed into boxes for {one}, {two} and {three} eggs, and every box has to be full. How many boxes does one need "
        f"at least for exactly {state['eggs']} eggs?"
    )


def reference(state):
    left, count = state["eggs"], 0
    for size in reversed(state["boxes"]):
        count += left // size
        left %= size
    return str(count)


def score(state, answer):
    text = answer.strip()
    return 1.0 if re.fullmatch(r"\d{1,6}", text, re.ASCII) and int(text) == int(reference(state)) else 0.0
