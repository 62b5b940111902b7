"""Fills the answer in as printf does, at a width of ten gigabytes.

Tries: answers
State: {"numbers": [1, 2]}
Answer: %(reference)10000000000s
Expect in generate: value
Expect in score: out of memory, value
Gate: L5
"""

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
        filled = answer % {"reference": reference(state)}
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return 1.0 if filled == reference(state) else 0.0
