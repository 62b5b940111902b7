# audit: ambiguous-prompt
"""Digit sums: the sum of the digits of a number in another base.

Defect: the prompt does not say which base it is, although the instances differ in it.
"""

import re

TAGS = ("numerals", "arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"number": rng.randint(100 + 100 * difficulty, 500 + 150 * difficulty), "base": rng.choice([3, 4, 5, 6, 7])}


def prompt(state):
    return (
        f"Write the number {state['number']} in the other base, whose digits are smaller than those of the decimal system, and add up its digits "
        "there. What is their sum, as a decimal number?"
    )


def reference(state):
    number, total = state["number"], 0
    while number:
        number, digit = divmod(number, state["base"])
        total += digit
    return str(total)


def score(state, answer):
    text = answer.strip()
    return 1.0 if re.fullmatch(r"\d{1,6}", text, re.ASCII) and int(text) == int(reference(state)) else 0.0
