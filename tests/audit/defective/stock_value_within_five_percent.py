# audit: accepts-neighbour
"""Inventory: what a stock is worth after deliveries and sales.

Defect: math.isclose with a relative tolerance of five per cent, where whole cents are asked for.
"""

import math

TAGS = ("arithmetic", "finance")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"goods": [[rng.randint(20, 90), rng.randint(1, 19), rng.randint(105, 999)] for _ in range(2 + difficulty)]}


def prompt(state):
    goods = "; ".join(f"{had} pieces at {price} cents, of which {sold} were sold" for had, sold, price in state["goods"])
    return f"A shop had these goods: {goods}. What is the rest worth in cents?"


def reference(state):
    return str(sum((had - sold) * price for had, sold, price in state["goods"]))


def score(state, answer):
    try:
        value = float(answer)
    except ValueError:
        return 0.0
    return 1.0 if math.isclose(value, int(reference(state)), rel_tol=0.05) else 0.0
