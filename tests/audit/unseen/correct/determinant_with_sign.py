"""Determinant: of a three by three matrix, often negative.

The right answers have signs that matter; +7 and 7 are the same number, and so are the two kinds of minus sign.
"""

import re

TAGS = ("linear-algebra", "arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    top = 4 + 3 * difficulty
    return {"rows": [[rng.randint(-top, top) for _ in range(3)] for _ in range(3)]}


def prompt(state):
    rows = "; ".join(" ".join(map(str, row)) for row in state["rows"])
    return f"What is the determinant of the matrix with the rows {rows} (rows are separated by semicolons)? Write a whole number."


def reference(state):
    (a, b, c), (d, e, f), (g, h, i) = state["rows"]
    return str(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g))


def score(state, answer):
    text = answer.strip().replace("\u2212", "-")
    if not re.fullmatch(r"[+-]?\d{1,12}", text, re.ASCII):
        return 0.0
    return 1.0 if int(text) == int(reference(state)) else 0.0
