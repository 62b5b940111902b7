# audit: answer-in-prompt
"""Bill: the total of a bill with discounts.

Defect: beneath the bill stands what is to be paid, as on the paper that it was copied from.
"""

TAGS = ("arithmetic", "shopping")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"lines": [[rng.randint(1, 9), rng.randint(20, 990)] for _ in range(2 + difficulty)], "discount": rng.randint(2, 30)}


def prompt(state):
    lines = "\n".join(f"{count} pieces at {price} cents" for count, price in state["lines"])
    return (
        f"Bill\n{lines}\nLess {state['discount']} per cent (rounded down to whole cents)\nPaid with thanks: {reference(state)} cents\n"
        "How many cents does the customer have to pay?"
    )


def reference(state):
    total = sum(count * price for count, price in state["lines"])
    return str(total - total * state["discount"] // 100)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
