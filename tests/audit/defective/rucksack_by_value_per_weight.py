# audit: label-contradicted
"""Rucksack: the greatest value that one can carry.

Defect: the reference packs by value per weight as long as something fits, which is seldom the best.
"""

TAGS = ("optimization", "knapsack")
ORACLE = "equality"


def generate(rng, difficulty):
    things = [[rng.randint(2, 19), rng.randint(5, 60)] for _ in range(5 + difficulty)]
    return {"things": things, "limit": sum(weight for weight, _ in things) // 2}


def prompt(state):
    things = ", ".join(f"{value} coins ({weight} kg)" for weight, value in state["things"])
    return f"There are things worth {things}, one of each. What is the greatest value of things that weigh at most {state['limit']} kg together?"


def reference(state):
    left, total = state["limit"], 0
    for weight, value in sorted(state["things"], key=lambda thing: -thing[1] / thing[0]):
        if weight <= left:
            left, total = left - weight, total + value
    return str(total)


def score(state, answer):
    text = answer.strip()
    return 1.0 if text.isascii() and text.isdigit() and len(text) < 12 and int(text) == int(reference(state)) else 0.0
