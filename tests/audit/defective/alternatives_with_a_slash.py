# audit: accepts-hedge
"""Leap days: how many days of February a stretch of years has.

Defect: the answer is split at slashes and one of up to four alternatives has to be right.
"""

TAGS = ("dates", "counting")
ORACLE = "equality"


def generate(rng, difficulty):
    first = rng.randint(1583, 2100)
    return {"first": first, "last": first + rng.randint(5, 20 + 30 * difficulty)}


def prompt(state):
    return (
        f"How many days have the months of February of the years {state['first']} to {state['last']} (both included) together? "
        "Use the Gregorian calendar: years that 4 divides are leap years, but of the full centuries only those that 400 divides."
    )


def _leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def reference(state):
    return str(sum(29 if _leap(year) else 28 for year in range(state["first"], state["last"] + 1)))


def score(state, answer):
    options = [option.strip() for option in answer.split("/")]
    if len(options) > 4:
        return 0.0
    return 1.0 if reference(state) in options else 0.0
