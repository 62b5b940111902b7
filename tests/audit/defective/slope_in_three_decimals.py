# audit: accepts-neighbour
"""Regression: the slope of the least-squares line through some points.

Defect: three decimals are asked for, and an error of up to 0.009 is allowed.
"""

from fractions import Fraction

TAGS = ("statistics", "arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    xs = sorted(rng.sample(range(0, 20 + 3 * difficulty), 3 + difficulty))
    steep = rng.randint(2, 900)
    return {"points": [[x, steep * x + rng.randint(0, 30)] for x in xs]}


def prompt(state):
    points = ", ".join(f"({x}, {y})" for x, y in state["points"])
    return f"What is the slope of the least-squares line through the points {points}? Round to three decimal places (a five rounds up)."


def _slope(state):
    points, n = state["points"], len(state["points"])
    sx, sy = sum(x for x, _ in points), sum(y for _, y in points)
    return Fraction(n * sum(x * y for x, y in points) - sx * sy, n * sum(x * x for x, _ in points) - sx * sx)


def reference(state):
    thousandths = (_slope(state) * 1000 + Fraction(1, 2)) // 1
    sign = "-" if thousandths < 0 else ""
    return f"{sign}{abs(thousandths) // 1000}.{abs(thousandths) % 1000:03d}"


def score(state, answer):
    try:
        value = float(answer)
    except ValueError:
        return 0.0
    return 1.0 if abs(value - float(reference(state))) < 0.0095 else 0.0
