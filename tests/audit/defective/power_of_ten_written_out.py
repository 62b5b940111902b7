# audit: score-unbounded
"""Scientific notation: a product of large round numbers.

Defect: the mantissa is multiplied with 10 ** exponent as a whole number, however large an exponent the answer has.
"""

import re

TAGS = ("arithmetic", "powers")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"factors": [[rng.randint(2, 9), rng.randint(1, 9 + difficulty)] for _ in range(2 + difficulty)]}


def prompt(state):
    factors = ", ".join(f"{m} times ten to the power {e}" for m, e in state["factors"])
    return f"Multiply {factors}. Write the result as M*10^E with a whole number M that does not end in 0."


def reference(state):
    mantissa, exponent = 1, sum(e for _, e in state["factors"])
    for m, _ in state["factors"]:
        mantissa *= m
    while mantissa % 10 == 0:
        mantissa, exponent = mantissa // 10, exponent + 1
    return f"{mantissa}*10^{exponent}"


def score(state, answer):
    found = re.fullmatch(r"\s*([1-9][0-9]{0,40})\s*\*\s*10\s*\^\s*([0-9]{1,12})\s*", answer)
    if not found:
        return 0.0
    mantissa, exponent = map(int, found.groups())
    wanted = [int(part) for part in reference(state).split("*10^")]
    return 1.0 if mantissa % 10 and mantissa * 10**exponent == wanted[0] * 10 ** wanted[1] else 0.0
