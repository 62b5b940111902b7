"""Unit fractions: write a fraction as a sum of different unit fractions, in any order.

Denominators count, not their order, and there are always several ways.
"""

from fractions import Fraction

TAGS = ("fractions", "number-theory")
ORACLE = "feasibility"


def generate(rng, difficulty):
    parts = sorted(rng.sample(range(2 + difficulty // 3, 36 + 6 * difficulty), 3 + difficulty))
    total = sum(Fraction(1, part) for part in parts)
    return {"numerator": total.numerator, "denominator": total.denominator, "parts": parts}


def prompt(state):
    return (
        f"Write {state['numerator']}/{state['denominator']} as a sum of at most {len(state['parts'])} different fractions "
        "of the form 1/n, where n is at most 1000. Give only their denominators, in any order, separated by commas."
    )


def reference(state):
    return ", ".join(map(str, state["parts"]))


def score(state, answer):
    try:
        parts = [int(word) for word in answer.split(",")]
    except ValueError:
        return 0.0
    if len(parts) > len(state["parts"]) or len(set(parts)) < len(parts):
        return 0.0
    if not all(1 <= part <= 1000 for part in parts):
        return 0.0
    right = sum(Fraction(1, part) for part in parts) == Fraction(state["numerator"], state["denominator"])
    return 1.0 if right else 0.0
