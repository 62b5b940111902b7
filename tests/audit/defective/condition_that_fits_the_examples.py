# audit: accepts-tautology
"""Rule finding: a condition that tells two groups of numbers apart.

Defect: only the numbers that shall satisfy the condition are tried, not the others; 'x % 1 = 0' always holds.
"""

import re

TAGS = ("number-theory", "induction")
ORACLE = "feasibility"


def generate(rng, difficulty):
    modulus = rng.randint(3, 8 + 3 * difficulty)
    rest = rng.randrange(modulus)
    inside = [modulus * rng.randint(2, 40) + rest for _ in range(4 + difficulty // 2)]
    outside = [modulus * rng.randint(2, 40) + (rest + rng.randint(1, modulus - 1)) % modulus for _ in range(4 + difficulty)]
    return {"modulus": modulus, "rest": rest, "inside": inside, "outside": outside}


def prompt(state):
    return (
        "Find a condition of the form 'x % M = R' (x leaves the rest R when divided by M) that holds for all of the numbers "
        f"{', '.join(map(str, state['inside']))} and for none of the numbers {', '.join(map(str, state['outside']))}."
    )


def reference(state):
    return f"x % {state['modulus']} = {state['rest']}"


def score(state, answer):
    found = re.fullmatch(r"\s*x\s*%\s*([1-9][0-9]{0,5})\s*=\s*([0-9]{1,6})\s*", answer)
    if not found:
        return 0.0
    modulus, rest = map(int, found.groups())
    return 1.0 if all(number % modulus == rest for number in state["inside"]) else 0.0
