# audit: answer-missing, generation-fails
"""Common divisors: the common divisors of two numbers, without 1.

Defect: for numbers without a common divisor the reference is the empty text.
"""

import math

TAGS = ("number-theory", "sets")
ORACLE = "equality"


def generate(rng, difficulty):
    common = 1 if rng.random() < 0.1 else rng.randint(4, 20 + 4 * difficulty)
    return {"a": common * rng.randint(2, 20 + 9 * difficulty), "b": common * rng.randint(2, 20 + 9 * difficulty)}


def prompt(state):
    return f"Which whole numbers greater than 1 divide both {state['a']} and {state['b']}? Write all of them in rising order, separated by spaces."


def reference(state):
    common = math.gcd(state["a"], state["b"])
    return " ".join(str(d) for d in range(2, common + 1) if common % d == 0)


def score(state, answer):
    return 1.0 if answer.split() == reference(state).split() else 0.0
