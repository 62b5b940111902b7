# audit: accepts-nonfinite
"""Compound interest: what a sum of money has become after years of changing rates.

Defect: the relative error of an infinite answer is nan, which is not larger than the tolerance.
"""

TAGS = ("arithmetic", "finance")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"sum": 100 * rng.randint(10, 90), "rates": [rng.randint(-60, 120) / 10 for _ in range(3 + difficulty)]}


def prompt(state):
    rates = ", ".join(f"{rate} %" for rate in state["rates"])
    return (
        f"{state['sum']} crowns are invested. In the years that follow they grow by {rates} (negative: they shrink), each time "
        "reckoned from the sum of the year before. How many crowns is it in the end, rounded to two decimals?"
    )


def _final(state):
    money = float(state["sum"])
    for rate in state["rates"]:
        money *= 1 + rate / 100
    return money


def reference(state):
    return f"{_final(state):.2f}"


def score(state, answer):
    try:
        given = float(answer.strip().replace(",", ""))
    except ValueError:
        return 0.0
    wanted = round(_final(state), 2)
    error = abs(given - wanted) / max(abs(given), wanted)
    if error > 1e-7:
        return 0.0
    return 1.0
