# audit: accepts-tautology, accepts-anything
"""Four numbers: an equation made of given numbers.

Defect: both sides of the equation are computed and compared; whether the given numbers are used is not asked, so
'1 = 1' is right always.
"""

import re

TAGS = ("arithmetic", "puzzles")
ORACLE = "feasibility"


def generate(rng, difficulty):
    numbers = [rng.randint(2, 30 + 9 * difficulty) for _ in range(3 + difficulty // 2)]
    signs = [rng.choice("+-") for _ in numbers[1:]]
    total = _value(str(numbers[0]) + "".join(f"{s}{n}" for s, n in zip(signs, numbers[1:])))
    return {"numbers": numbers, "signs": signs, "total": total}


def _value(text):
    """The value of a sum like 3-4+5."""
    return sum(int(part) for part in re.findall(r"[+-]?[0-9]{1,9}", text))


def prompt(state):
    return (
        f"Write an equation: on the left the numbers {', '.join(map(str, state['numbers']))}, each once and in this order, joined by + and -, "
        f"on the right the number {state['total']}. It must be true."
    )


def reference(state):
    numbers = state["numbers"]
    return str(numbers[0]) + "".join(f" {s} {n}" for s, n in zip(state["signs"], numbers[1:])) + f" = {state['total']}"


def score(state, answer):
    sides = answer.replace(" ", "").split("=")
    if len(sides) != 2 or not all(re.fullmatch(r"[+-]?[0-9]{1,9}([+-][0-9]{1,9})*", side) for side in sides):
        return 0.0
    return 1.0 if _value(sides[0]) == _value(sides[1]) else 0.0
