"""Determinant: of a three by three matrix with negative entries.

The sign matters: half of the answers are negative.
"""

TAGS = ("linear-algebra", "arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    bound = 4 + 3 * difficulty
    return {"rows": [[rng.randint(-bound, bound) for _ in range(3)] for _ in range(3)]}


def prompt(state):
    rows = "\n".join("  ".join(f"{value:4d}" for value in row) for row in state["rows"])
    return f"Compute the determinant of the matrix with these three rows:\n\n{rows}\n\nGive it with its sign."


def reference(state):
    (a, b, c), (d, e, f), (g, h, i) = state["rows"]
    return str(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g))


def score(state, answer):
    """7.0 and +7 are spellings of 7; a minus sign in print (U+2212) is one too."""
    text = answer.strip().replace("\u2212", "-")
    whole, _, decimals = text.partition(".")
    if decimals.strip("0"):
        return 0.0
    try:
        return 1.0 if int(whole) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
