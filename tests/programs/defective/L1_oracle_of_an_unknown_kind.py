"""Digit chain: repeatedly adding the digit sum to a number.

Defect: ORACLE is "exact", which is neither of the two kinds.
"""

TAGS = ("digits", "recurrence")
ORACLE = "exact"


def generate(rng, difficulty):
    return {"start": rng.randint(100, 9999), "rounds": 3 + 2 * difficulty}


def prompt(state):
    return (
        f"Take {state['start']} and add to it the sum of its digits. Do the same with the result, and so on, "
        f"{state['rounds']} times in all. Which number do you get?"
    )


def reference(state):
    value = state["start"]
    for _ in range(state["rounds"]):
        value += sum(int(digit) for digit in str(value))
    return str(value)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
