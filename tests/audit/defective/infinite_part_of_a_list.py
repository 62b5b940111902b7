# audit: score-raises
"""Averages: numbers with a given mean and range.

Defect: a list that holds inf beside numbers raises OverflowError when it is turned into whole numbers.
"""

TAGS = ("statistics", "arithmetic")
ORACLE = "feasibility"


def generate(rng, difficulty):
    numbers = sorted(rng.randint(1, 60 + 30 * difficulty) for _ in range(3 + difficulty))
    numbers[-1] += 1
    return {"numbers": numbers}


def prompt(state):
    numbers = state["numbers"]
    return (
        f"Find {len(numbers)} whole numbers with the sum {sum(numbers)}, the smallest of which is {numbers[0]} and the largest {numbers[-1]}. "
        "Write them in any order, separated by commas."
    )


def reference(state):
    return ", ".join(map(str, state["numbers"]))


def score(state, answer):
    parts = answer.split(",")
    if len(parts) != len(state["numbers"]):
        return 0.0
    try:
        values = [float(part) for part in parts]
    except ValueError:
        return 0.0
    numbers = sorted(int(value) if value == value else 0 for value in values)
    if numbers != sorted(values):
        return 0.0
    wanted = state["numbers"]
    return 1.0 if sum(numbers) == sum(wanted) and numbers[0] == wanted[0] and numbers[-1] == wanted[-1] else 0.0
