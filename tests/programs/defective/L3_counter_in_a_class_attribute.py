"""Invoices: the total of an invoice with discounts.

Defect: invoice numbers come from a counter in a class attribute, so the state depends on how many were made before.
"""

TAGS = ("arithmetic", "word-problems")
ORACLE = "equality"


class Invoice:
    number = 1000

    def __init__(self, lines, discount):
        Invoice.number += 1
        self.lines, self.discount = lines, discount

    def as_state(self):
        return {"number": Invoice.number, "lines": self.lines, "discount": self.discount}


def generate(rng, difficulty):
    lines = [[rng.randint(2, 12 + 2 * difficulty), 5 * rng.randint(3, 60)] for _ in range(3 + difficulty)]
    return Invoice(lines, rng.choice([5, 10, 15, 20])).as_state()


def prompt(state):
    lines = "; ".join(f"{count} pieces at {price} cents" for count, price in state["lines"])
    return (
        f"Invoice number {state['number']} lists {lines}. On lines of more than 1000 cents a discount of {state['discount']} per cent is given, "
        "rounded down to whole cents for each line. What is the total in cents?"
    )


def reference(state):
    total = 0
    for count, price in state["lines"]:
        line = count * price
        total += line - (line * state["discount"] // 100 if line > 1000 else 0)
    return str(total)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
