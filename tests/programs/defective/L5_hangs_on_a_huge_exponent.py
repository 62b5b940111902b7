"""Recipe scaling: how much of an ingredient a scaled recipe needs, as a fraction.

Defect: the scorer passes the answer to Fraction, which computes ten to the power of any exponent: 1e9999999 takes seconds or hours.
"""

from fractions import Fraction

TAGS = ("fractions", "word-problems")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"steps": [[rng.randint(2, 19), rng.randint(2, 19)] for _ in range(2 + difficulty)], "cups": rng.randint(2, 40)}


def prompt(state):
    steps = ", then ".join(f"from {a} to {b} persons" for a, b in state["steps"])
    return (
        f"A recipe needs {state['cups']} cups of flour. It is scaled {steps}, each time in proportion. How many cups of flour does it need in the end? "
        "Write a fraction, like 7/3, or a whole number."
    )


def reference(state):
    value = Fraction(state["cups"])
    for a, b in state["steps"]:
        value = value * b / a
    return str(value)


def score(state, answer):
    try:
        return 1.0 if str(Fraction(answer)) == reference(state) else 0.0
    except (ValueError, ZeroDivisionError):
        return 0.0
