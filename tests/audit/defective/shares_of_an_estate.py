# audit: accepts-neighbour
"""Inheritance: what each of the heirs gets.

Defect: each share may be off by half a coin and more (0.75), where amounts with two decimals are asked for.
"""

TAGS = ("arithmetic", "fractions")
ORACLE = "equality"


def generate(rng, difficulty):
    weights = [rng.randint(1, 9) for _ in range(3 + difficulty // 2)]
    return {"weights": weights, "estate": 100 * sum(weights) * rng.randint(3, 40 + 20 * difficulty) + rng.randint(1, 99) * sum(weights)}


def prompt(state):
    return (
        f"An estate of {state['estate'] / 100:.2f} coins is divided in the ratio {' : '.join(map(str, state['weights']))}. "
        "What does each heir get? Write the amounts in this order with two decimals, separated by semicolons."
    )


def _shares(state):
    part = state["estate"] // sum(state["weights"])
    return [part * weight for weight in state["weights"]]


def reference(state):
    return "; ".join(f"{share / 100:.2f}" for share in _shares(state))


def score(state, answer):
    try:
        given = [float(part) for part in answer.split(";")]
    except ValueError:
        return 0.0
    wanted = _shares(state)
    if len(given) != len(wanted):
        return 0.0
    return 1.0 if all(abs(one - two / 100) <= 0.75 for one, two in zip(given, wanted)) else 0.0
