"""Common divisors: find a divisor that several numbers share.

Defect: at level 2 the lower bound for the divisor is 0, and the answer 1 is always right.
"""

TAGS = ("number-theory", "search")
ORACLE = "feasibility"


def generate(rng, difficulty):
    limit = 12 * abs(difficulty - 2)
    divisor = rng.randint(limit + 2, limit + 60)
    numbers = [divisor * rng.randint(5 + 10 * difficulty, 30 + 20 * difficulty) for _ in range(3 + difficulty // 3)]
    return {"limit": limit, "divisor": divisor, "numbers": numbers}


def prompt(state):
    return (
        f"Find a whole number greater than {state['limit']} that divides each of the numbers "
        f"{', '.join(map(str, state['numbers']))} without remainder."
    )


def reference(state):
    return str(state["divisor"])


def score(state, answer):
    try:
        divisor = int(answer)
    except ValueError:
        return 0.0
    return 1.0 if divisor > state["limit"] and all(number % divisor == 0 for number in state["numbers"]) else 0.0
