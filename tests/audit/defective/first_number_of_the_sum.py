# audit: accepts-affix, accepts-hedge
"""Bus line: how many people are in the bus at its fullest.

Defect: the first number of the answer is taken, so that '31, 32 or 33' passes for 31.
"""

import re

TAGS = ("simulation", "counting")
ORACLE = "equality"


def generate(rng, difficulty):
    aboard, stops = 0, []
    for _ in range(6 + 2 * difficulty):
        off = rng.randint(0, aboard)
        on = rng.randint(0, 15)
        aboard += on - off
        stops.append([on, off])
    return {"stops": stops}


def prompt(state):
    stops = "; ".join(f"{on} in, {off} out" for on, off in state["stops"])
    return (
        f"An empty bus calls at stops where people get in and out: {stops}. First those who leave get out, then the others get in. "
        "How many people are in the bus when it is fullest?"
    )


def reference(state):
    aboard = most = 0
    for on, off in state["stops"]:
        aboard += on - off
        most = max(most, aboard)
    return str(most)


def score(state, answer):
    found = re.search(r"[0-9]{1,9}", answer)
    return 1.0 if found and found.group() == reference(state) else 0.0
