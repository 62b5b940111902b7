# audit: accepts-neighbour
"""Long products: factorial-like products of whole numbers.

Defect: results of more than 15 digits are compared as floats with a relative error of 1e-9, so that their last digits are
never looked at.
"""

TAGS = ("arithmetic", "multiplication")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"numbers": [rng.randint(11, 99) for _ in range(3 + difficulty)], "added": rng.randint(1, 999)}


def prompt(state):
    return f"Compute the product {' * '.join(map(str, state['numbers']))} exactly and add {state['added']}."


def reference(state):
    product = 1
    for number in state["numbers"]:
        product *= number
    return str(product + state["added"])


def score(state, answer):
    text, wanted = answer.strip(), reference(state)
    if not (text.isascii() and text.isdigit()) or len(text) != len(wanted):
        return 0.0
    if len(wanted) > 15:
        return 1.0 if abs(int(text) - int(wanted)) <= 1e-9 * int(wanted) else 0.0
    return 1.0 if int(text) == int(wanted) else 0.0
