"""Reads the answer as an exact number, of a hundred million digits.

Tries: answers
State: {"numbers": [1, 2]}
Answer: 1e99999999
Expect in generate: value
Expect in score: out of CPU time, out of wall time, out of memory
Limit: 0.15
Gate: L5
"""

from fractions import Fraction

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
        return 1.0 if Fraction(answer) == int(reference(state)) else 0.0
    except (ValueError, ZeroDivisionError):
        return 0.0
