"""Sums of two squares: how many numbers up to a bound are one.

Defect: at level 8 reference asks for a table of more than a gigabyte.
"""

TAGS = ("number-theory", "counting")
ORACLE = "equality"


def generate(rng, difficulty):
    low = 100 * (difficulty + 1)
    return {"low": rng.randint(low, 9 * low), "span": rng.randint(40, 60) + 20 * difficulty, "level": difficulty}


def prompt(state):
    return (
        f"How many of the numbers from {state['low']} to {state['low'] + state['span']} can be written as a * a + b * b with whole "
        "numbers a and b, zero allowed? Multiply this count by the smallest such number in that range."
    )


def reference(state):
    high = state["low"] + state["span"]
    marked = bytearray(10 ** (9 if state["level"] == 8 else 5) * 3 // 2)
    root = int(high**0.5) + 1
    for a in range(root + 1):
        for b in range(a, root + 1):
            if state["low"] <= a * a + b * b <= high:
                marked[a * a + b * b] = 1
    window = marked[state["low"] : high + 1]
    return str(sum(window) * (state["low"] + window.find(1)))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
