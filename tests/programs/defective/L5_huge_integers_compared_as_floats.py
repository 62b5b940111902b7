"""Repeated squaring: a number of many digits.

Defect: the scorer compares floats, so huge answers that differ in the last digits pass; small ones are judged well.
"""

TAGS = ("big-integers", "recurrence")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"start": rng.randint(1000, 3400) + 2500 * (difficulty % 3), "add": rng.randint(1, 99), "rounds": 1 + difficulty // 3, "factor": rng.randint(2, 9 + difficulty)}


def prompt(state):
    return (
        f"Start with {state['start']}. {state['rounds']} times in a row, square the number and then add {state['add']}. Multiply the result by "
        f"{state['factor']}. Which number do you get, exactly?"
    )


def reference(state):
    value = state["start"]
    for _ in range(state["rounds"]):
        value = value * value + state["add"]
    return str(value * state["factor"])


def score(state, answer):
    try:
        return 1.0 if float(answer) == float(reference(state)) else 0.0
    except (ValueError, OverflowError):
        return 0.0
