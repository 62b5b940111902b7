# audit: accepts-anything, accepts-empty
"""Radio channels: channels for stations so that stations close to each other differ.

Defect: the stations that the answer names are checked, but not that it names them all; a text that names none passes.
"""

import re

TAGS = ("graphs", "colouring")
ORACLE = "feasibility"


def generate(rng, difficulty):
    size = 6 + difficulty
    planted = [rng.randint(1, 3) for _ in range(size)]
    pairs = [[a, b] for a in range(size) for b in range(a) if planted[a] != planted[b]]
    return {"planted": planted, "close": rng.sample(pairs, min(len(pairs), 2 * size - 3))}


def prompt(state):
    close = ", ".join(f"S{a} and S{b}" for a, b in state["close"])
    return (
        f"The radio stations S0 to S{len(state['planted']) - 1} each get one of the channels 1, 2 and 3. These stations are too close to "
        f"share a channel: {close}. Give channels that work, in the form S0=1, S1=3 and so on for all the stations."
    )


def reference(state):
    return ", ".join(f"S{i}={channel}" for i, channel in enumerate(state["planted"]))


def score(state, answer):
    channels = {int(station): channel for station, channel in re.findall(r"S(\d{1,3})\s*=\s*([123])\b", answer, re.ASCII)}
    for a, b in state["close"]:
        if a in channels and b in channels and channels[a] == channels[b]:
            return 0.0
    return 1.0
