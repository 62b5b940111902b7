"""Train arrival: the time of day at which a train with delays and stops arrives.

The answer has the form HH:MM; the hour may be written without its leading zero.
"""

import re

TAGS = ("time", "arithmetic")
ORACLE = "equality"

TIME = re.compile(r"(\d\d?):(\d\d)", re.ASCII)


def generate(rng, difficulty):
    legs = [[rng.randint(11, 95), rng.randint(1, 9)] for _ in range(2 + difficulty)]
    return {"start": rng.randrange(0, 1440), "legs": legs, "delay": rng.randint(1, 50)}


def prompt(state):
    start = f"{state['start'] // 60:02d}:{state['start'] % 60:02d}"
    legs = "; ".join(f"it drives for {drive} minutes and stops for {stop}" for drive, stop in state["legs"][:-1])
    return (
        f"By the timetable a train leaves at {start}, but it is {state['delay']} minutes late. Then {legs}; after a last "
        f"drive of {state['legs'][-1][0]} minutes it arrives. At which time of the day, by a 24-hour clock, does it arrive? "
        "Write it as HH:MM."
    )


def reference(state):
    minutes = state["start"] + state["delay"] + sum(a + b for a, b in state["legs"]) - state["legs"][-1][1]
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def score(state, answer):
    match = TIME.fullmatch(answer.strip())
    if match is None:
        return 0.0
    return 1.0 if f"{int(match[1]):02d}:{match[2]}" == reference(state) else 0.0
