"""Days between: the number of days from one date to another.

Defect: imports datetime, which is not among the modules allowed (and knows the clock).
"""

from datetime import date, timedelta

TAGS = ("calendar", "arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    first = date(1900, 1, 1) + timedelta(days=rng.randint(0, 40000))
    second = first + timedelta(days=rng.randint(40 * 2**difficulty, 90 * 2**difficulty))
    return {"first": first.isoformat(), "second": second.isoformat()}


def prompt(state):
    return (
        f"How many days after {state['first']} is {state['second']}? "
        "Dates are written year-month-day in the Gregorian calendar."
    )


def reference(state):
    return str((date.fromisoformat(state["second"]) - date.fromisoformat(state["first"])).days)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
