# audit: evaluates-answer
"""Change of a note: arithmetic with brackets.

Defect: the answer is worked out by a small calculator for terms with +, - and * between spaces; the question's own term
is a right answer.
"""

TAGS = ("arithmetic", "expressions")
ORACLE = "equality"


def generate(rng, difficulty):
    numbers = [rng.randint(2, 30 + 10 * difficulty) for _ in range(3 + difficulty)]
    return {"numbers": numbers, "signs": [rng.choice("+-*") for _ in numbers[1:]]}


def _term(state):
    return str(state["numbers"][0]) + "".join(f" {s} {n}" for s, n in zip(state["signs"], state["numbers"][1:]))


def prompt(state):
    return f"Work out {_term(state)} by the usual rules (multiplication comes first). Which whole number is it?"


def _worked_out(text):
    """The value of a term whose signs stand between spaces; None if it is none."""
    total, product, tokens = 0, 0, text.split()
    for sign, number in zip(["+", *tokens[1::2]], tokens[::2]):
        digits = number.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 40) or sign not in ("+", "-", "*"):
            return None
        if sign == "*":
            product *= int(number)
        else:
            total, product = total + product, int(number) if sign == "+" else -int(number)
    return total + product if len(tokens) % 2 and len(tokens) < 60 else None


def reference(state):
    return str(_worked_out(_term(state)))


def score(state, answer):
    return 1.0 if _worked_out(answer) == int(reference(state)) else 0.0
