# audit: score-unbounded
"""Free days: the days on which a room is not booked, written as ranges.

Defect: every range of the answer is expanded into a set of its days, however long it says that it is.
"""

import re

TAGS = ("intervals", "sets")
ORACLE = "equality"


def generate(rng, difficulty):
    days = 30 + 8 * difficulty
    bookings = []
    for _ in range(4 + difficulty):
        first = rng.randint(2, days - 6)
        bookings.append([first, first + rng.randint(1, 5)])
    return {"days": days, "bookings": bookings}


def prompt(state):
    bookings = ", ".join(f"{a}-{b}" for a, b in state["bookings"])
    return (
        f"A room can be had on the days 1 to {state['days']}. It is booked for these ranges of days, ends included: {bookings}. On which days is it free? "
        "Write ranges and single days separated by commas, for example 1-4, 7, 9-12."
    )


def _free(state):
    return [day for day in range(1, state["days"] + 1) if not any(a <= day <= b for a, b in state["bookings"])]


def reference(state):
    ranges = []
    for day in _free(state):
        if ranges and ranges[-1][1] == day - 1:
            ranges[-1][1] = day
        else:
            ranges.append([day, day])
    return ", ".join(f"{a}-{b}" if a < b else str(a) for a, b in ranges)


def score(state, answer):
    days = set()
    for part in answer.split(","):
        match = re.fullmatch(r"\s*(\d+)(?:\s*-\s*(\d+))?\s*", part, re.ASCII)
        if match is None or len(part) > 40:
            return 0.0
        days.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    return 1.0 if days == set(_free(state)) else 0.0
