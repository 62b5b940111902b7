"""Huge recurrence: a late term of a quickly growing sequence, more than thirty digits long.

A scorer that compares floating-point numbers would accept billions of wrong answers here; this one does not.
"""

TAGS = ("big-integers", "recurrence")
ORACLE = "equality"


def generate(rng, difficulty):
    return {
        "first": rng.randint(10**9, 10**10),
        "second": rng.randint(10**9, 10**10),
        "factor": rng.randint(2 * 10**6, 9 * 10**6) * 2 + 1,
        "index": 5 + difficulty,
    }


def prompt(state):
    return (
        f"A sequence begins with x1 = {state['first']} and x2 = {state['second']}. Every later term is "
        f"{state['factor']} times the term before it, plus the term before that one. "
        f"What exactly is x{state['index']}?"
    )


def reference(state):
    before, term = state["first"], state["second"]
    for _ in range(state["index"] - 2):
        before, term = term, state["factor"] * term + before
    return str(term)


def score(state, answer):
    """Thousands separators are another spelling of the same number."""
    try:
        return 1.0 if int(answer.replace(",", "")) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
