"""Date: which date it is some days later, in the Gregorian calendar.

The year comes first; zeros before a month or a day may be left out, as the prompt says.
"""

import re

TAGS = ("dates", "arithmetic")
ORACLE = "equality"


def _month_days(year, month):
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def generate(rng, difficulty):
    year, month = rng.randint(1890, 2110), rng.randint(1, 12)
    days = rng.randint(30 + 60 * difficulty, 90 + 90 * difficulty)
    return {"date": [year, month, rng.randint(1, _month_days(year, month))], "days": days}


def prompt(state):
    year, month, day = state["date"]
    return (
        f"Which date is {state['days']} days after {year}-{month:02d}-{day:02d} in the Gregorian calendar (leap years: those that "
        "4 divides, but of the full centuries only those that 400 divides)? Write year, month and day as numbers with hyphens, "
        "in this order, like the date given here; zeros before the month and the day may be left out."
    )


def _later(state):
    year, month, day = state["date"]
    for _ in range(state["days"]):
        day += 1
        if day > _month_days(year, month):
            month, day = month + 1, 1
        if month == 13:
            year, month = year + 1, 1
    return year, month, day


def reference(state):
    year, month, day = _later(state)
    return f"{year}-{month:02d}-{day:02d}"


def score(state, answer):
    match = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", answer.strip(), re.ASCII)
    return 1.0 if match and tuple(map(int, match.groups())) == _later(state) else 0.0
