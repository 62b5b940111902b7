# audit: accepts-neighbour
"""Recurrence: a far member of a sequence, with some twenty digits.

Defect: so that 12.0 passes for 12, both numbers go through float, which keeps no more than sixteen digits.
"""

TAGS = ("sequences", "large-numbers")
ORACLE = "equality"


def generate(rng, difficulty):
    return {
        "first": [rng.randint(1, 9), rng.randint(1, 9)],
        "factors": [rng.randint(2, 5), rng.randint(1, 6)],
        "place": 36 + 3 * difficulty,
    }


def prompt(state):
    (a, b), (p, q) = state["first"], state["factors"]
    return (
        f"A sequence begins with {a} and {b}. Each further member is {p} times the member before it plus {q} times the one before that. "
        f"What is member number {state['place']} (the first one is number 1)? Write all of its digits."
    )


def reference(state):
    (a, b), (p, q) = state["first"], state["factors"]
    for _ in range(state["place"] - 2):
        a, b = b, p * b + q * a
    return str(b)


def score(state, answer):
    try:
        return 1.0 if float(answer.strip()) == float(reference(state)) else 0.0
    except ValueError:
        return 0.0
