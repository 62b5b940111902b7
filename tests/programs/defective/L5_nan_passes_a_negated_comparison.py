"""Average speed: the mean speed over several stretches, to two decimal places.

Defect: the scorer rejects when the difference exceeds a bound; for nan no comparison holds, so nan is accepted.
"""

from fractions import Fraction

TAGS = ("arithmetic", "word-problems")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"stretches": [[rng.randint(3, 90), rng.randint(5, 90)] for _ in range(2 + difficulty)]}


def prompt(state):
    stretches = ", ".join(f"{distance} km in {minutes} minutes" for distance, minutes in state["stretches"])
    return f"A car drives {stretches}. What is its mean speed over the whole way, in km per hour, rounded to two decimal places?"


def reference(state):
    distance = sum(a for a, _ in state["stretches"])
    minutes = sum(b for _, b in state["stretches"])
    hundredths = (Fraction(distance * 60 * 100, minutes) + Fraction(1, 2)) // 1
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def score(state, answer):
    try:
        value = float(answer)
    except ValueError:
        return 0.0
    if abs(value - float(reference(state))) > 0.0005:
        return 0.0
    return 1.0
