"""Weights: some of the weights of a set that balance a load.

Many selections may be right, in any order; the stored one is only an example of them.
"""

import re

TAGS = ("subset-sum", "search")
ORACLE = "feasibility"


def generate(rng, difficulty):
    weights = rng.sample(range(11, 90 + 20 * difficulty), 8 + difficulty)
    chosen = sorted(rng.sample(weights, 4 + difficulty // 2))
    return {"weights": weights, "load": sum(chosen), "chosen": chosen}


def prompt(state):
    return (
        f"There are weights of {', '.join(map(str, state['weights']))} grams, one of each. Which of them weigh exactly "
        f"{state['load']} grams together? Any selection that does will do, in any order, separated by commas; "
        "no weight twice."
    )


def reference(state):
    return ", ".join(map(str, state["chosen"]))


def score(state, answer):
    text = answer.strip()
    if len(text) > 500 or not re.fullmatch(r"\d{1,6}(\s*,\s*\d{1,6})*", text, re.ASCII):
        return 0.0
    given = [int(part) for part in text.split(",")]
    fits = len(set(given)) == len(given) and all(weight in state["weights"] for weight in given)
    return 1.0 if fits and sum(given) == state["load"] else 0.0
