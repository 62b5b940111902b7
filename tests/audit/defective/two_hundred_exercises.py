# audit: few-instances
"""Exercise book: fractions to be added up.

Defect: each level has two hundred exercises, computed from their number; longer use sees each of them again and again.
"""

from fractions import Fraction

TAGS = ("arithmetic", "fractions")
ORACLE = "equality"


def generate(rng, difficulty):
    number = rng.randint(1, 200)
    terms = [[(number * (2 * i + 3) + i * i) % 17 + 1, (number * (i + 5) + 7 * i) % 23 + 2] for i in range(2 + difficulty // 2)]
    return {"terms": terms, "factor": difficulty + 1}


def prompt(state):
    terms = " + ".join(f"{a}/{b}" for a, b in state["terms"])
    return f"Add up {terms} and multiply the sum by {state['factor']}. Write the result as a fraction in lowest terms, such as 5/1 or 7/3."


def reference(state):
    total = state["factor"] * sum(Fraction(a, b) for a, b in state["terms"])
    return f"{total.numerator}/{total.denominator}"


def score(state, answer):
    return 1.0 if answer.replace(" ", "") == reference(state) else 0.0
