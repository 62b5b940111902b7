"""Sieve rest: which numbers of a list survive several deletions.

Defect: for some seeds no number survives, and reference is the empty string.
"""

TAGS = ("number-theory", "filtering")
ORACLE = "equality"


def generate(rng, difficulty):
    numbers = sorted(rng.sample(range(20, 120 + 60 * difficulty), 8 + 2 * difficulty))
    return {"numbers": numbers, "divisors": sorted(rng.sample([2, 3, 5, 7, 11], 3))}


def prompt(state):
    a, b, c = state["divisors"]
    return (
        f"From the list {', '.join(map(str, state['numbers']))} all numbers that are divisible by {a}, {b} or {c} are deleted, then "
        "every number whose digit sum is odd. Write the numbers that remain, in increasing order, separated by commas."
    )


def reference(state):
    kept = [n for n in state["numbers"] if all(n % d for d in state["divisors"])]
    return ",".join(str(n) for n in kept if sum(map(int, str(n))) % 2 == 0)


def score(state, answer):
    return 1.0 if "".join(answer.split()) == reference(state) else 0.0
