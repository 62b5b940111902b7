"""Guest book: who visited a museum most often.

Defect: at level 9 the guest book, and with it the prompt, is longer than 8,000 characters.
"""

from collections import Counter

TAGS = ("counting", "reading")
ORACLE = "equality"

GUESTS = ("Abel", "Berta", "Carlo", "Dora", "Edgar", "Frida", "Gustav", "Hilda", "Ivan", "Judith", "Kaspar", "Lydia")


def generate(rng, difficulty):
    visits = 30 + 25 * difficulty + (300 if difficulty == 9 else 0)
    return {"book": [[rng.choice(GUESTS), rng.randint(1, 31)] for _ in range(visits)]}


def prompt(state):
    lines = "; ".join(f"{name} on day {day}" for name, day in state["book"])
    return (
        f"The entries of a guest book: {lines}. Add up the day numbers for each guest. "
        "What is the largest of these sums, multiplied by the number of different guests?"
    )


def reference(state):
    sums = Counter()
    for name, day in state["book"]:
        sums[name] += day
    return str(max(sums.values()) * len(sums))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
