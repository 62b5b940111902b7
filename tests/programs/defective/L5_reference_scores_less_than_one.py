"""Harmonic sums: a sum of fractions, rounded to three places.

Defect: credit falls with a tiny distance that is never quite zero, so that the reference scores 0.99 and something.
"""

from fractions import Fraction

TAGS = ("fractions", "arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"denominators": rng.sample((3, 6, 7, 9, 11, 12, 13, 14, 17, 18, 19, 21, 22, 23, 27, 29, 31, 33), 3 + difficulty), "whole": rng.randint(1, 99)}


def prompt(state):
    terms = " + ".join(f"1/{n}" for n in state["denominators"])
    return f"Compute {state['whole']} + {terms}, rounded to exactly three decimal places."


def _exact(state):
    return state["whole"] + sum(Fraction(1, n) for n in state["denominators"])


def reference(state):
    thousandths = round(_exact(state) * 1000)
    return f"{thousandths // 1000}.{thousandths % 1000:03d}"


def score(state, answer):
    if answer.strip() != reference(state):
        return 0.0
    whole, decimals = answer.strip().split(".")
    error = abs(Fraction(int(whole + decimals), 1000) - _exact(state))
    return 1.0 / (1.0 + float(error))
