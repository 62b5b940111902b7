"""Knapsack: the greatest value that a bag of limited weight can hold.

Has fifteen levels instead of ten.
"""

TAGS = ("dynamic-programming", "optimization")
ORACLE = "equality"
MAX_DIFFICULTY = 14


def generate(rng, difficulty):
    items = [[rng.randint(2, 12 + difficulty), rng.randint(5, 40 + 2 * difficulty)] for _ in range(4 + difficulty)]
    total = sum(weight for weight, _ in items)
    return {"items": items, "capacity": rng.randint(total // 3, total // 2 + 1)}


def prompt(state):
    items = "; ".join(f"{weight} kg worth {value} crowns" for weight, value in state["items"])
    return (
        f"A bag carries at most {state['capacity']} kg. These things can be packed, each once: {items}. "
        "What is the greatest total worth of a bag, in crowns?"
    )


def reference(state):
    best = [0] * (state["capacity"] + 1)
    for weight, value in state["items"]:
        for room in range(state["capacity"], weight - 1, -1):
            best[room] = max(best[room], best[room - weight] + value)
    return str(best[-1])


def score(state, answer):
    try:
        return 1.0 if int(answer.strip()) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
