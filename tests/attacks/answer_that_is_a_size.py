"""Counts up to the answer, a number of plain digits and modest length.

Tries: answers
State: {"numbers": [1, 2]}
Answer: 999999999
Expect in generate: value
Expect in score: out of CPU time, out of wall time
Limit: 0.15
Gate: L5
"""

import re

TAGS = ("attack",)
ORACLE = "equality"


def generate(rng, difficulty):
    return {"numbers": [rng.randrange(10, 100) for _ in range(4 + 2 * min(difficulty, 9))]}


def prompt(state):
    return f"What is the sum of the squares of {', '.join(map(str, state['numbers']))}?"


def reference(state):
    return str(sum(number * number for number in state["numbers"]))


def score(state, answer):
    if not re.fullmatch(r"[0-9]{1,9}", answer):
        return 0.0
    count = 0
    for _ in range(int(answer)):
        count += 1
    return 1.0 if str(count) == reference(state) else 0.0
