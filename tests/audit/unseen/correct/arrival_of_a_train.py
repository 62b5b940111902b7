"""Arrival: when a train arrives after rides and stops, on the 24-hour clock.

The zero before a single-digit hour may be left out; am and pm are refused.
"""

import re

TAGS = ("time", "arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    legs = [[rng.randint(17, 190), rng.randint(2, 25)] for _ in range(2 + difficulty)]
    return {"leaves": rng.randrange(1440), "legs": legs}


def prompt(state):
    leaves = f"{state['leaves'] // 60:02d}:{state['leaves'] % 60:02d}"
    legs = "; ".join(f"it rides {ride} minutes and stops for {stop}" for ride, stop in state["legs"])
    return (
        f"A train leaves at {leaves}. Then {legs}. After the last stop it rides 45 minutes more and arrives. What does the clock show then "
        "(24-hour clock, which begins again at midnight)? Write hours, a colon and two digits of minutes; the hour may have one digit."
    )


def _minute(state):
    return (state["leaves"] + 45 + sum(map(sum, state["legs"]))) % 1440


def reference(state):
    return f"{_minute(state) // 60:02d}:{_minute(state) % 60:02d}"


def score(state, answer):
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", answer.strip(), re.ASCII)
    return 1.0 if match and (int(match[1]), int(match[2])) == divmod(_minute(state), 60) else 0.0
