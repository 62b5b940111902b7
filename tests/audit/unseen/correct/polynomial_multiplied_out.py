"""Polynomials: the coefficients of a product, from the highest power down.

Brackets around the list are free; the length and the order are not.
"""

import re

TAGS = ("algebra", "polynomials")
ORACLE = "equality"


def generate(rng, difficulty):
    def polynomial():
        middle = [rng.randint(-6 - difficulty, 6 + difficulty) for _ in range(1 + difficulty // 3)]
        return [rng.randint(1, 5), *middle, rng.choice([-3, -2, -1, 1, 2, 3])]

    return {"left": polynomial(), "right": polynomial()}


def prompt(state):
    left, right = (", ".join(map(str, state[side])) for side in ("left", "right"))
    return (
        f"Two polynomials have the coefficients {left} and {right}, each from the highest power down to the constant. Give the coefficients of "
        "their product in the same way, separated by commas, zeros included. Square brackets around them may be written."
    )


def _product(state):
    result = [0] * (len(state["left"]) + len(state["right"]) - 1)
    for i, a in enumerate(state["left"]):
        for j, b in enumerate(state["right"]):
            result[i + j] += a * b
    return result


def reference(state):
    return ", ".join(map(str, _product(state)))


def score(state, answer):
    text = answer.strip()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1].strip()
    if len(text) > 400 or not re.fullmatch(r"[+-]?\d{1,9}(\s*,\s*[+-]?\d{1,9})*", text, re.ASCII):
        return 0.0
    return 1.0 if [int(part) for part in text.split(",")] == _product(state) else 0.0
