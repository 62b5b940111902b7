"""One-way streets: which of seven trips are possible at all.

Seven letters y or n: two symbols only, yet the whole row has to be right.
"""

import re

TAGS = ("graphs", "reachability")
ORACLE = "equality"


def generate(rng, difficulty):
    size = 8 + difficulty
    streets = sorted(rng.sample([[a, b] for a in range(size) for b in range(size) if a != b], size + size // 3))
    trips = [rng.sample(range(size), 2) for _ in range(7)]
    return {"streets": streets, "trips": trips}


def prompt(state):
    streets = ", ".join(f"{a}->{b}" for a, b in state["streets"])
    trips = ", ".join(f"from {a} to {b}" for a, b in state["trips"])
    return (
        f"One-way streets join numbered squares: {streets}. Is there a way along the streets {trips}? "
        "Answer with seven letters, y for yes and n for no, in the order of the questions. "
        "Spaces or commas between the letters do no harm, nor do capitals."
    )


def _reaches(streets, start, goal):
    seen, todo = [start], [start]
    while todo:
        here = todo.pop()
        for a, b in streets:
            if a == here and b not in seen:
                seen.append(b)
                todo.append(b)
    return goal in seen


def reference(state):
    return " ".join("y" if _reaches(state["streets"], a, b) else "n" for a, b in state["trips"])


def score(state, answer):
    given = answer.strip().lower()
    if not re.fullmatch(r"[yn](?:[ ,]*[yn]){6}", given):
        return 0.0
    return 1.0 if re.sub("[ ,]", "", given) == reference(state).replace(" ", "") else 0.0
