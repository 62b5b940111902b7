"""Takes the answer for a pattern, which backtracks for ever.

Tries: answers
State: {"numbers": [3333333333333333333333333333]}
Answer: ([0-9]+)+x
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
    try:
        return 1.0 if re.fullmatch(answer, reference(state)) else 0.0
    except re.error:
        return 0.0
