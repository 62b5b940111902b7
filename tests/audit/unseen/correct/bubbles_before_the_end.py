"""Bubble passes: a list after some passes of bubble sort.

The answer is a list nearly sorted, as long as the input and made of the same numbers; the order counts.
"""

import re

TAGS = ("sorting", "simulation")
ORACLE = "equality"


def generate(rng, difficulty):
    numbers = rng.sample(range(10, 100), 6 + difficulty)
    return {"numbers": numbers, "passes": 1 + difficulty // 3}


def prompt(state):
    return (
        f"Bubble sort makes passes over the list {', '.join(map(str, state['numbers']))}. A pass goes from left to right over all "
        f"pairs of neighbours and exchanges those whose left number is larger. How does the list look after {state['passes']} "
        "pass(es)? Write the numbers in order, separated by commas or spaces."
    )


def _after(state):
    numbers = list(state["numbers"])
    for _ in range(state["passes"]):
        for i in range(len(numbers) - 1):
            if numbers[i] > numbers[i + 1]:
                numbers[i], numbers[i + 1] = numbers[i + 1], numbers[i]
    return numbers


def reference(state):
    return ", ".join(map(str, _after(state)))


def score(state, answer):
    text = answer.strip()
    if len(text) > 400 or not re.fullmatch(r"\d{1,4}([\s,]+\d{1,4})*", text, re.ASCII):
        return 0.0
    return 1.0 if [int(part) for part in re.split(r"[\s,]+", text)] == _after(state) else 0.0
