# audit: accepts-affix
"""Time zones: what a clock far away shows after a flight.

Defect: the pattern is matched at the beginning of the answer only, and what follows the time is not looked at.
"""

import re

TAGS = ("time", "arithmetic")
ORACLE = "equality"


def generate(rng, difficulty):
    return {
        "start": rng.randrange(1440),
        "zone": rng.randint(-11, 12),
        "flights": [rng.randint(45, 700) for _ in range(1 + difficulty)],
    }


def prompt(state):
    start = f"{state['start'] // 60:02d}:{state['start'] % 60:02d}"
    flights = ", ".join(map(str, state["flights"]))
    return (
        f"An aeroplane takes off at {start} local time. Its flights, with no time between them, take {flights} minutes. "
        f"The clocks at the last airport are {state['zone']:+d} hours from those at the first. What do they show on landing? "
        "Write the time as hh:mm on the 24-hour clock."
    )


def reference(state):
    minute = (state["start"] + sum(state["flights"]) + 60 * state["zone"]) % 1440
    return f"{minute // 60:02d}:{minute % 60:02d}"


def score(state, answer):
    match = re.match(r"(\d{1,2}):(\d\d)", answer.strip())
    if not match:
        return 0.0
    hours, minutes = reference(state).split(":")
    return 1.0 if (int(match[1]), int(match[2])) == (int(hours), int(minutes)) else 0.0
