# audit: label-contradicted
"""Conference: how many talks one can hear.

Defect: the reference chooses the shortest talk first; that a short one may stand in the way of two others is overlooked.
"""

TAGS = ("scheduling", "optimization")
ORACLE = "equality"


def generate(rng, difficulty):
    talks = []
    for _ in range(7 + difficulty):
        start = rng.randint(0, 22 + 3 * difficulty)
        talks.append([start, start + rng.randint(2, 9)])
    return {"talks": talks}


def prompt(state):
    talks = ", ".join(f"{a} to {b}" for a, b in state["talks"])
    return f"Talks last from minute to minute as follows: {talks}. One may begin in the minute in which another ends. What is the largest number of talks that one can hear in full, one at a time?"


def reference(state):
    heard = []
    for a, b in sorted(state["talks"], key=lambda talk: (talk[1] - talk[0], talk)):
        if all(b <= c or d <= a for c, d in heard):
            heard.append([a, b])
    return str(len(heard))


def score(state, answer):
    return 1.0 if answer.strip() == reference(state) else 0.0
